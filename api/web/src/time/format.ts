// Times, durations and amounts as people say them: in the zone of the company, in the language of the person. Pure: `now` comes from
// outside.

const DAY_MS = 86_400_000;

export interface Manner {
  locale: string;
  zone: string;
}

const made = new Map<string, Intl.DateTimeFormat>();

function formatOf({ locale, zone }: Manner, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${zone} ${JSON.stringify(options)}`;
  const known = made.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: 'h23', ...options });
  made.set(key, known);
  return known;
}

/** The local day, as 2026-11-23: equal for two instants of one day. */
export const localDay = (instant: number | Date, manner: Manner): string =>
  formatOf({ ...manner, locale: 'sv-SE' }, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(instant);

export const timeOfDay = (instant: number | Date, manner: Manner): string =>
  formatOf(manner, { hour: '2-digit', minute: '2-digit' }).format(instant);

/** "14:30" today, "Tue 14:30" within six days, else "3 Nov 14:30", with the year where it is another. */
export function when(instant: number | Date, now: number, manner: Manner): string {
  const [at, time] = [new Date(instant), timeOfDay(instant, manner)];
  if (localDay(at, manner) === localDay(now, manner)) return time;
  if (Math.abs(at.getTime() - now) < 6 * DAY_MS) return `${formatOf(manner, { weekday: 'short' }).format(at)} ${time}`;
  return `${day(at, now, manner)} ${time}`;
}

/** "3 Nov", with the year where it is another. */
export function day(instant: number | Date, now: number, manner: Manner): string {
  const sameYear = localDay(instant, manner).slice(0, 4) === localDay(now, manner).slice(0, 4);
  return formatOf(manner, { day: 'numeric', month: 'short', ...(!sameYear && { year: 'numeric' }) }).format(instant);
}

/** All of it, for who looks closely: "Tuesday, 3 November 2026 at 14:30:05 EET". */
export const exactly = (instant: number | Date, manner: Manner): string =>
  formatOf(manner, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(instant);

/** Hours and minutes: 1:05; 26:00 for more than a day. */
export function duration(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  return `${seconds < 0 && minutes > 0 ? '−' : ''}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

export interface Parts {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

/** To the second, short: "Sun, 22 Nov 2026, 10:42:07". */
export const precisely = (instant: number | Date, manner: Manner): string =>
  formatOf(manner, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(instant);

/** A length of time in the units that people say: the two largest that are not nothing are enough. */
export function parts(seconds: number): Parts {
  const whole = Math.floor(Math.abs(seconds));
  return {
    days: Math.floor(whole / 86_400),
    hours: Math.floor(whole / 3_600) % 24,
    minutes: Math.floor(whole / 60) % 60,
    seconds: whole % 60,
  };
}

/** "2 d 3 h", "3 h 5 min", "12 min", "8 s", in the words of the language. */
export function roughly(seconds: number, locale: string): string {
  const { days, hours, minutes, seconds: rest } = parts(seconds);
  const unit = (amount: number, of: 'day' | 'hour' | 'minute' | 'second') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: of, unitDisplay: locale.startsWith('en') ? 'narrow' : 'short' }).format(amount);
  const said: string[] = [];
  if (days > 0) said.push(unit(days, 'day'));
  if (hours > 0 && days < 10) said.push(unit(hours, 'hour'));
  if (minutes > 0 && days === 0 && hours < 10) said.push(unit(minutes, 'minute'));
  if (said.length === 0) said.push(unit(rest, 'second'));
  return said.join(' ');
}

/** A decimal as the server writes it, with at most two places, in the signs of the language. */
export const amount = (decimal: string | number, locale: string, places = 2): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: places }).format(Number(decimal));
