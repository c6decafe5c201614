// What stands in cells, in the usual spellings: numbers with a comma or a point, dates of many orders, times as people write them.
// What can't be read is `undefined`: whoever asks says in which row and column.

export type DecimalSign = ',' | '.';
export type DateOrder = 'dmy' | 'mdy' | 'ymd';
export type TimeUnit = 's' | 'min' | 'h';

const GROUP = /[\s\u00a0\u202f'’]/g;

/** Both signs: the last one is the decimal one. One sign before three digits may be either: `decimal` says. */
export function readNumber(text: string, decimal: DecimalSign): number | undefined {
  const said = text.replace(GROUP, '');
  const [comma, point] = [said.lastIndexOf(','), said.lastIndexOf('.')];
  let sign: DecimalSign = decimal;
  if (comma >= 0 && point >= 0) sign = comma > point ? ',' : '.';
  else if (comma >= 0 || point >= 0) {
    const found: DecimalSign = comma >= 0 ? ',' : '.';
    const once = said.indexOf(found) === said.lastIndexOf(found);
    const grouped = /^[+-]?\d{1,3}([.,]\d{3})+$/.test(said);
    if (!grouped) sign = found;
    else if (!once) sign = found === ',' ? '.' : ',';
  }
  const other = sign === ',' ? '.' : ',';
  const plain = said.replaceAll(other, '').replace(sign, '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : undefined;
}

/** Which sign these texts use, where they leave no doubt. */
export function decimalOf(texts: readonly string[]): DecimalSign | undefined {
  for (const text of texts) {
    const said = text.replace(GROUP, '');
    if (!/^[+-]?[\d.,]+$/.test(said)) continue;
    const signs = [...said].filter((letter) => letter === ',' || letter === '.') as DecimalSign[];
    const last = signs.at(-1);
    if (last === undefined) continue;
    if (new Set(signs).size === 2) return last;
    if (signs.length > 1) return last === ',' ? '.' : ',';
    if (!/[.,]\d{3}$/.test(said)) return last;
  }
  return undefined;
}

const MONTHS = [
  ['jan', 'ene', 'jaan'],
  ['feb', 'veebr', 'veeb'],
  ['mar', 'maer', 'mär', 'marts'],
  ['apr', 'abr'],
  ['may', 'mai'],
  ['jun', 'juun'],
  ['jul', 'juul'],
  ['aug', 'ago'],
  ['sep'],
  ['oct', 'okt'],
  ['nov'],
  ['dec', 'dez', 'dets', 'dic'],
];

const monthOf = (name: string): number => MONTHS.findIndex((names) => names.some((one) => name.toLowerCase().startsWith(one))) + 1;

/** Day one of a spreadsheet's calendar is the last but one of 1899. */
const SERIAL_EPOCH = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;
const SERIALS = { least: 20_000, most: 80_000 };

export interface Wall {
  /** As if the clock of the wall were UTC's. */
  at: number;
  hasTime: boolean;
}

function wallOf(year: number, month: number, day: number, seconds: number | undefined): Wall | undefined {
  const full = year < 100 ? 2000 + year : year;
  const at = Date.UTC(full, month - 1, day);
  const back = new Date(at);
  if (full < 1990 || full > 2200 || back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return undefined;
  return { at: at + (seconds ?? 0) * 1_000, hasTime: seconds !== undefined };
}

/** "14:30", "14:30:05", "2:30 pm", "14h30", "14.30 Uhr". */
function clockOf(text: string): number | undefined {
  const found = /^(\d{1,2})[:.h](\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(am|pm|a\.m\.|p\.m\.|uhr)?$/i.exec(text.trim());
  if (found === null) return undefined;
  const [hour, minute, second] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  const half = found[4]?.toLowerCase().charAt(0);
  const hours = half === 'p' && hour < 12 ? hour + 12 : half === 'a' && hour === 12 ? 0 : hour;
  return hours > 23 || minute > 59 || second > 59 ? undefined : hours * 3_600 + minute * 60 + second;
}

const withClock = (text: string): { date: string; clock: number | undefined } | undefined => {
  const parts = /^(.*?\d)(?:[T\s,]+(\d{1,2}[:.h]\d{2}.*))?$/.exec(text.trim());
  if (parts?.[1] === undefined) return undefined;
  if (parts[2] === undefined) return { date: parts[1], clock: undefined };
  const clock = clockOf(parts[2]);
  return clock === undefined ? undefined : { date: parts[1], clock };
};

/** A date, and the time where there is one, by the wall's clock. `order` is for those that could be read either way. */
export function readDate(text: string, order: DateOrder): Wall | undefined {
  const said = text.trim().replace(/^\p{L}{2,12}\.?,?\s+(?=\d)/u, '');
  if (/^\d{8}$/.test(said)) return wallOf(Number(said.slice(0, 4)), Number(said.slice(4, 6)), Number(said.slice(6)), undefined);
  const serial = /^\d{5}([.,]\d+)?$/.test(said) ? Number(said.replace(',', '.')) : Number.NaN;
  if (serial >= SERIALS.least && serial <= SERIALS.most) {
    return { at: SERIAL_EPOCH + Math.round((serial * DAY_MS) / 1_000) * 1_000, hasTime: !Number.isInteger(serial) };
  }
  const both = withClock(said);
  if (both === undefined) return undefined;
  const { date, clock } = both;
  const named = /^(\d{1,2})\.?[\s-]+(?:de\s+)?(\p{L}+)\.?[\s-]+(?:de\s+)?(\d{2,4})$/u.exec(date);
  if (named !== null) return wallOf(Number(named[3]), monthOf(named[2] ?? ''), Number(named[1]), clock);
  const american = /^(\p{L}+)\.?\s+(\d{1,2}),?\s+(\d{4})$/u.exec(text.trim());
  if (american !== null) return wallOf(Number(american[3]), monthOf(american[1] ?? ''), Number(american[2]), undefined);
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(date);
  if (iso !== null) return wallOf(Number(iso[1]), Number(iso[2]), Number(iso[3]), clock);
  const short = /^(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d{2})$/.exec(date);
  if (short === null) return undefined;
  const [one, two, three] = [Number(short[1]), Number(short[3]), Number(short[4])];
  if (order === 'ymd' && short[4]?.length === 2) return wallOf(one, two, three, clock);
  // With points the day is first everywhere.
  const dayFirst = short[2] === '.' || two > 12 || (order !== 'mdy' && one <= 31 && !(one <= 12 && two > 12));
  return dayFirst && two <= 12 ? wallOf(three, two, one, clock) : wallOf(three, one, two, clock);
}

/** The order that these dates have, where one of them leaves no doubt. */
export function orderOf(texts: readonly string[]): DateOrder | undefined {
  for (const text of texts) {
    const found = /^(\d{1,2})[-/](\d{1,2})[-/]\d{2,4}/.exec(text.trim());
    if (found === null) continue;
    if (Number(found[1]) > 12) return 'dmy';
    if (Number(found[2]) > 12) return 'mdy';
  }
  return undefined;
}

const SECONDS = { s: 1, min: 60, h: 3_600 } as const;
const UNITS: [RegExp, number][] = [
  [/^(h|hr|hrs|hour|hours|std|stunde|stunden|t|tund|tundi|hora|horas)\.?$/i, 3_600],
  [/^(m|min|mins|minute|minutes|minuten|minut|minutit|minuto|minutos)\.?$/i, 60],
  [/^(s|sec|secs|second|seconds|sek|sekunde|sekunden|sekund|sekundit|seg|segundo|segundos)\.?$/i, 1],
];

/** A length of time in seconds: "1:30" is hours and minutes, "90 min", "1,5 h", "2 h 15 min", "PT1H30M", or a number in `unit`. */
export function readDuration(text: string, unit: TimeUnit, decimal: DecimalSign): number | undefined {
  const said = text.trim();
  const clock = /^(\d{1,4}):([0-5]\d)(?::([0-5]\d))?$/.exec(said);
  if (clock !== null) return Number(clock[1]) * 3_600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
  const iso = /^PT(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?$/i.exec(said);
  if (iso !== null) return Number(iso[1] ?? 0) * 3_600 + Number(iso[2] ?? 0) * 60 + Number(iso[3] ?? 0);
  const bare = readNumber(said, decimal);
  if (bare !== undefined) return bare < 0 ? undefined : bare * SECONDS[unit];
  let [rest, total] = [said, 0];
  while (rest !== '') {
    const part = /^([\d.,]+)\s*(\p{L}+\.?)\s*/u.exec(rest);
    const amount = part?.[1] === undefined ? undefined : readNumber(part[1], decimal);
    const found = UNITS.find(([word]) => word.test(part?.[2] ?? ''));
    if (part === null || amount === undefined || found === undefined) return undefined;
    total += amount * found[1];
    rest = rest.slice(part[0].length);
  }
  return said === '' ? undefined : total;
}

/** The unit that a heading names: "Setup (h)", "Rüstzeit [min]", "cycle_sec". */
export function unitOf(heading: string): TimeUnit | undefined {
  const words = heading.toLowerCase().split(/[^\p{L}]+/u);
  for (const word of words.toReversed()) {
    const at = UNITS.findIndex(([unit]) => word.length > 0 && unit.test(word));
    if (at >= 0) return (['h', 'min', 's'] as const)[at];
  }
  return undefined;
}
