// The time line of the scrubber: which part of history is seen, what stands on it, how it is played. Pure, so that tests can hold it.
import type { Zone } from '../time/zone';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Spans to choose from. */
export const SPANS = { hour: HOUR, shift: 8 * HOUR, day: DAY, week: 7 * DAY, month: 28 * DAY, year: 366 * DAY } as const;
export type Span = keyof typeof SPANS;

/** How many times as fast as it happened. */
export const SPEEDS = [1, 10, 60, 300, 900, 3600] as const;

/** Parts of a window whose events are counted. */
export const BUCKETS = 240;

export interface Line {
  from: number;
  until: number;
}

export const share = ({ from, until }: Line, at: number): number => (at - from) / (until - from);
export const instantAt = ({ from, until }: Line, part: number): number => from + Math.min(1, Math.max(0, part)) * (until - from);
export const within = (at: number, from: number, until: number): number => Math.min(until, Math.max(from, at));

/** The window of a span in which an instant lies, with what is newest at its end where that is near. Its edges are those of its parts. */
export function lineAround(at: number, span: number, now: number): Line {
  const part = span / BUCKETS;
  const newest = Math.ceil(now / part) * part;
  const until = now - at < span * 0.9 ? newest : Math.min(newest, Math.ceil((at + span / 2) / part) * part);
  return { from: until - span, until };
}

/** The window moved on so that an instant that has left it is in it again. */
export function following(line: Line, at: number, now: number): Line {
  if (at >= line.from && at <= line.until) return line;
  const span = line.until - line.from;
  return lineAround(at, span, Math.max(now, at));
}

/** The same, so many times as long, around an instant that stays in its place. */
export function zoomed(line: Line, factor: number, around: number, now: number): Line {
  const span = within((line.until - line.from) * factor, 10 * MINUTE, 5 * SPANS.year);
  const from = around - share(line, around) * span;
  const until = Math.min(from + span, now + span / BUCKETS);
  return { from: until - span, until };
}

export interface Tick {
  at: number;
  /** Where a day begins it is named, else the hour is. */
  isDay: boolean;
}

const STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 28 * DAY, 91 * DAY];

/** Marks of the clock on the wall, as many as there is room for. */
export function ticks({ from, until }: Line, zone: Zone, room: number): Tick[] {
  const step = STEPS.find((one) => (until - from) / one <= room) ?? 91 * DAY;
  const made: Tick[] = [];
  for (let wall = Math.ceil(zone.wall(from) / step) * step; ; wall += step) {
    const at = zone.instant(wall);
    if (at > until) return made;
    if (at >= from && at !== made.at(-1)?.at) made.push({ at, isDay: wall % DAY === 0 });
  }
}

export interface Marked {
  position: string;
  recordedAt: string;
}

const timeOf = ({ recordedAt }: Marked): number => Date.parse(recordedAt);

/** Where one stands: at an instant, and at a position where it is known. */
export interface Standing {
  at: number;
  position?: string | undefined;
}

/** The next of the marks after where one stands (`direction` 1), or the one before it. That at which one stands is neither. */
export function beside<Mark extends Marked>(marks: readonly Mark[], { at, position }: Standing, direction: 1 | -1): Mark | undefined {
  // Several can be told in one moment: of those their position says which comes next.
  const apart = (one: string, other: string) => Number(BigInt(one) - BigInt(other)) * direction;
  const isAhead = (mark: Mark) =>
    position === undefined ? (timeOf(mark) - at) * direction >= SECOND / 2 : apart(mark.position, position) > 0;
  const ahead = marks.filter(isAhead);
  return ahead.reduce<Mark | undefined>((best, mark) => (best && apart(best.position, mark.position) <= 0 ? best : mark), undefined);
}

/** Marks that would lie on each other share a place; each place has the marks of at most `apart` of the line. */
export function places<Mark extends Marked>(marks: readonly Mark[], line: Line, apart: number): { part: number; marks: Mark[] }[] {
  const made: { part: number; marks: Mark[] }[] = [];
  for (const mark of [...marks].sort((one, other) => timeOf(one) - timeOf(other))) {
    const part = share(line, timeOf(mark));
    if (part < 0 || part > 1) continue;
    const last = made.at(-1);
    if (last && part - last.part < apart) last.marks.push(mark);
    else made.push({ part, marks: [mark] });
  }
  return made;
}

/** How high the parts are drawn, 0 to 1: by the root, so that an import of thousands does not flatten a day of work. */
export function heights(counts: readonly number[]): number[] {
  const most = Math.sqrt(Math.max(1, ...counts));
  return counts.map((count) => Math.sqrt(count) / most);
}

/** How far it is played after so many milliseconds; it ends where there is nothing yet. */
export function played(at: number, elapsed: number, speed: number, end: number): { at: number; isOver: boolean } {
  const next = at + elapsed * speed;
  return next >= end ? { at: end, isOver: true } : { at: next, isOver: false };
}
