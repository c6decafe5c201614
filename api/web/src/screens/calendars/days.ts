// Special days from a file or from what was pasted: .ics of a public calendar, or lines of CSV. Read here, in the browser.
import type { SetCalendarDaysInput } from '../../api/generated/calendars';
import { clockOf, minutesOf } from './week';

type Given = SetCalendarDaysInput['days'][number];
export type SpecialDay = Given & { open: NonNullable<Given['open']> };
export type DayFault = 'date' | 'hours' | 'twice' | 'repeats' | 'long';

export interface Read {
  days: SpecialDay[];
  /** What was not understood, with the line that it stands on. */
  faults: { line: number; text: string; fault: DayFault }[];
}

const LONGEST = 60;

function dateOf(year: number, month: number, day: number): string | undefined {
  const at = new Date(Date.UTC(year, month - 1, day));
  const isReal = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return isReal && year >= 1970 && year <= 2200 ? at.toISOString().slice(0, 10) : undefined;
}

/** 2027-02-24, 24.02.2027, 24/2/2027: with the day first, as all of Europe writes it. */
export function readDate(text: string): string | undefined {
  const iso = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text.trim());
  if (iso) return dateOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const local = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/.exec(text.trim());
  return local ? dateOf(Number(local[3]), Number(local[2]), Number(local[1])) : undefined;
}

/** "07:00-13:00 14:00-16:00": nothing said is closed. */
export function readHours(text: string): SpecialDay['open'] | undefined {
  const parts = text.trim() === '' ? [] : text.trim().split(/[\s+|]+/);
  const hours = parts.map((part) => {
    const [from, to] = part.split(/[-–]/).map((one) => minutesOf(one));
    return from === undefined || to === undefined ? undefined : { from: clockOf(from), to: clockOf(to) };
  });
  return hours.every((one) => one !== undefined) ? hours.filter((one) => one !== undefined) : undefined;
}

class Reading implements Read {
  days: SpecialDay[] = [];
  faults: Read['faults'] = [];

  add(day: SpecialDay, line: number, text: string): void {
    if (this.days.some(({ date }) => date === day.date)) this.refuse('twice', line, text);
    else this.days.push(day);
  }

  refuse(fault: DayFault, line: number, text: string): void {
    this.faults.push({ line, text: text.slice(0, 80), fault });
  }
}

const cells = (line: string): string[] => {
  const by = line.includes('\t') ? '\t' : line.includes(';') ? ';' : ',';
  return line.split(by).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
};

function readCsv(text: string): Read {
  const read = new Reading();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [first = '', name = '', hours = ''] = cells(line);
    const date = readDate(first);
    const open = readHours(hours);
    // Words above the columns are no mistake.
    if (date === undefined && at === 0 && !/\d/.test(first)) continue;
    if (date === undefined) read.refuse('date', at + 1, line);
    else if (open === undefined) read.refuse('hours', at + 1, line);
    else read.add({ date, open, ...(name !== '' && { name }) }, at + 1, line);
  }
  return read;
}

const unescaped = (text: string): string =>
  text
    .replace(/\\n/gi, ' ')
    .replace(/\\([,;\\])/g, '$1')
    .trim();

interface Event {
  line: number;
  start?: string;
  end?: string;
  name: string;
  repeats: boolean;
}

function addEvent(read: Reading, { line, start, end, name, repeats }: Event): void {
  const from = start === undefined ? undefined : readDate(start);
  if (from === undefined) {
    read.refuse('date', line, name);
    return;
  }
  const last = end === undefined ? undefined : readDate(end);
  // The end is the first day that is free again.
  const length = last === undefined ? 1 : Math.max(1, Math.round((Date.parse(last) - Date.parse(from)) / 86_400_000));
  if (length > LONGEST) {
    read.refuse('long', line, name);
    return;
  }
  if (repeats) read.refuse('repeats', line, name);
  for (let on = 0; on < length; on += 1) {
    const date = new Date(Date.parse(from) + on * 86_400_000).toISOString().slice(0, 10);
    read.add({ date, open: [], ...(name !== '' && { name }) }, line, name);
  }
}

function readIcs(text: string): Read {
  const read = new Reading();
  let event: Event | undefined;
  // Long lines go on after a line break and a blank.
  const lines = text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).split(';')[0]?.toUpperCase(), line.slice(colon + 1)];
    if (line.trim().toUpperCase() === 'BEGIN:VEVENT') event = { line: at + 1, name: '', repeats: false };
    else if (event === undefined) continue;
    else if (name === 'DTSTART') event.start = value.slice(0, 8);
    else if (name === 'DTEND') event.end = value.slice(0, 8);
    else if (name === 'SUMMARY') event.name = unescaped(value);
    else if (name === 'RRULE') event.repeats = true;
    else if (line.trim().toUpperCase() === 'END:VEVENT') {
      addEvent(read, event);
      event = undefined;
    }
  }
  return read;
}

export function readDays(text: string): Read {
  const clean = text.replace(/^\uFEFF/, '');
  const read = /^\s*BEGIN:VCALENDAR/i.test(clean) ? readIcs(clean) : readCsv(clean);
  return { days: read.days.sort((one, other) => one.date.localeCompare(other.date)), faults: read.faults };
}
