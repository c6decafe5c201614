// A week of shifts as it is drawn and dragged: minutes of a week that goes round. Pure.
import type { CalendarsQuery, SetCalendarShiftsInput } from '../../api/generated/calendars';

type ApiShift = CalendarsQuery['calendars']['edges'][number]['node']['shifts'][number];
export type ShiftInput = SetCalendarShiftsInput['shifts'][number];
type DayOfWeek = ApiShift['day'];

export const WEEK_DAYS = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
] as const satisfies readonly DayOfWeek[];
export const DAY = 1_440;
const WEEK = 7 * DAY;
/** What hands move by. */
export const STEP = 15;

export interface Break {
  /** Minutes after the shift begins. */
  after: number;
  length: number;
}

export interface WeekShift {
  id: number;
  /** 0 is Monday: the day on which it begins. */
  day: number;
  /** Minutes after midnight. */
  from: number;
  /** Minutes, a day at most. */
  length: number;
  name: string;
  breaks: Break[];
}

const around = (minutes: number, size: number): number => ((minutes % size) + size) % size;

/** "06:30" or "06:30:00" as minutes; nothing where it is no time. */
export function minutesOf(clock: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(clock.trim()) ?? [];
  if (hours === undefined || minutes === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return Number(hours) * 60 + Number(minutes);
}

export function clockOf(minutes: number): string {
  const inDay = around(Math.round(minutes), DAY);
  return `${String(Math.floor(inDay / 60)).padStart(2, '0')}:${String(inDay % 60).padStart(2, '0')}`;
}

/** How long from one time of the clock to the next: to itself is a whole day. */
const until = (from: number, to: number): number => around(to - from, DAY) || DAY;

export function weekOf(shifts: readonly ApiShift[]): WeekShift[] {
  return shifts.map(({ day, from, to, name, breaks }, id) => {
    const start = minutesOf(from) ?? 0;
    return {
      id,
      day: WEEK_DAYS.indexOf(day),
      from: start,
      length: until(start, minutesOf(to) ?? 0),
      name: name ?? '',
      breaks: breaks.map((one) => {
        const begins = minutesOf(one.from) ?? 0;
        return { after: around(begins - start, DAY), length: until(begins, minutesOf(one.to) ?? 0) };
      }),
    };
  });
}

/** As the API takes it: what is the same on several days is said once. */
export function shiftInputs(week: readonly WeekShift[]): ShiftInput[] {
  const inputs = new Map<string, ShiftInput>();
  for (const { day, from, length, name, breaks } of [...week].sort((one, other) => one.day - other.day || one.from - other.from)) {
    const rest = {
      from: clockOf(from),
      to: clockOf(from + length),
      breaks: [...breaks]
        .sort((one, other) => one.after - other.after)
        .map((one) => ({ from: clockOf(from + one.after), to: clockOf(from + one.after + one.length) })),
      ...(name.trim() !== '' && { name: name.trim() }),
    };
    const key = JSON.stringify(rest);
    const known = inputs.get(key);
    const [weekday] = WEEK_DAYS.slice(day, day + 1);
    if (weekday === undefined) continue;
    if (known) known.days = [...known.days, weekday];
    else inputs.set(key, { ...rest, days: [weekday] });
  }
  return [...inputs.values()];
}

const snapped = (minutes: number): number => Math.round(minutes / STEP) * STEP;

/** Begins so much later, over the end of the day and of the week; breaks go with it. */
export function moved(shift: WeekShift, minutes: number): WeekShift {
  const at = around(shift.day * DAY + shift.from + snapped(minutes), WEEK);
  return { ...shift, day: Math.floor(at / DAY), from: at % DAY };
}

/** Ends so much later. */
export function lengthened(shift: WeekShift, minutes: number): WeekShift {
  return { ...shift, length: Math.min(DAY, Math.max(STEP, shift.length + snapped(minutes))) };
}

/** Begins so much later and ends as before; breaks stay at their times. */
export function begun(shift: WeekShift, minutes: number): WeekShift {
  const by = Math.max(shift.length - DAY, Math.min(shift.length - STEP, snapped(minutes)));
  const later = moved(shift, by);
  return { ...later, length: shift.length - by, breaks: shift.breaks.map((one) => ({ ...one, after: one.after - by })) };
}

export type Fault = 'overlap' | 'break';

/** What Kilter would refuse, by shift. */
export function faultsOf(week: readonly WeekShift[]): Map<number, Fault> {
  const faults = new Map<number, Fault>();
  for (const { id, length, breaks } of week) {
    const inOrder = [...breaks].sort((one, other) => one.after - other.after);
    let free = 0;
    for (const one of inOrder) {
      if (one.after < free || one.length < 1 || one.after + one.length > length) faults.set(id, 'break');
      free = one.after + one.length;
    }
  }
  const inOrder = [...week].sort((one, other) => one.day * DAY + one.from - (other.day * DAY + other.from));
  for (const [at, shift] of inOrder.entries()) {
    const next = inOrder[(at + 1) % inOrder.length];
    if (next === undefined || next === shift) continue;
    const gap = around(next.day * DAY + next.from - (shift.day * DAY + shift.from), WEEK);
    if (gap < shift.length) {
      faults.set(shift.id, 'overlap');
      faults.set(next.id, 'overlap');
    }
  }
  return faults;
}

/** Minutes of work in a week. */
export const workOf = (week: readonly WeekShift[]): number =>
  week.reduce((sum, { length, breaks }) => sum + length - breaks.reduce((all, one) => all + one.length, 0), 0);

export interface Piece {
  shift: WeekShift;
  day: number;
  /** Minutes of that day. */
  from: number;
  to: number;
  /** The rest of a shift that began the day before. */
  goesOn: boolean;
}

/** What is drawn on each day. */
export function piecesOf(week: readonly WeekShift[]): Piece[] {
  return week.flatMap((shift): Piece[] => {
    const end = shift.from + shift.length;
    const first = { shift, day: shift.day, from: shift.from, to: Math.min(DAY, end), goesOn: false };
    return end > DAY ? [first, { shift, day: (shift.day + 1) % 7, from: 0, to: end - DAY, goesOn: true }] : [first];
  });
}

export const isSameWeek = (one: readonly WeekShift[], other: readonly WeekShift[]): boolean =>
  JSON.stringify(shiftInputs(one)) === JSON.stringify(shiftInputs(other));
