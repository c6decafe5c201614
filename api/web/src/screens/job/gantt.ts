// Plan over actual of one job: what is drawn from when to when, as parts of one span of time. Pure: `now` comes from outside.
import type { JobBesideFragment } from '../../api/generated/job';

type Operation = JobBesideFragment['operations'][number];

export interface Stretch {
  from: number;
  until: number;
}

export interface Line {
  operation: Operation;
  planned?: Stretch;
  actual?: Stretch & { goesOn: boolean };
}

export interface Gantt {
  from: number;
  until: number;
  lines: Line[];
  /** Whether there is anything to draw. */
  isEmpty: boolean;
}

const HOUR = 3_600_000;

function lineOf(operation: Operation, now: number): Line {
  const window = operation.plan?.window;
  const planned = window ? { from: Date.parse(window.start), until: Date.parse(window.end) } : undefined;
  if (operation.beganAt === null) return { operation, planned };
  const from = Date.parse(operation.beganAt);
  const until = operation.finishedAt === null ? now : Date.parse(operation.finishedAt);
  // A clock that is wrong may say that something ended before it began.
  return { operation, planned, actual: { from, until: Math.max(from, until), goesOn: operation.finishedAt === null } };
}

/** All of it with some room at both ends; the date that counts is in it where it is near enough not to make the rest tiny. */
export function ganttOf({ operations, due }: Pick<JobBesideFragment, 'operations' | 'due'>, now: number): Gantt {
  const lines = operations.map((operation) => lineOf(operation, now));
  const stretches = lines.flatMap(({ planned, actual }) => [planned, actual].filter((one) => one !== undefined));
  if (stretches.length === 0) return { from: now, until: now + HOUR, lines, isEmpty: true };
  let from = Math.min(...stretches.map((one) => one.from));
  let until = Math.max(...stretches.map((one) => one.until));
  const long = Math.max(HOUR, until - from);
  const date = due === null ? undefined : Date.parse(due);
  for (const mark of date === undefined ? [] : [date]) {
    if (mark >= from - long && mark <= until + long) {
      from = Math.min(from, mark);
      until = Math.max(until, mark);
    }
  }
  const room = Math.max(HOUR / 4, (until - from) * 0.02);
  return { from: from - room, until: until + room, lines, isEmpty: false };
}

/** Where an instant is, in percent; nothing where it is outside. */
export function placeOf({ from, until }: Stretch, at: number): number | undefined {
  const place = (100 * (at - from)) / (until - from);
  return place < 0 || place > 100 ? undefined : place;
}

/** Beginnings of days for the scale, not more than `most` of them: every day, every second, every week … */
export function daysOf({ from, until }: Stretch, startOfDay: (at: number, days: number) => number, most = 8): number[] {
  const days = (until - from) / (24 * HOUR);
  const step = [1, 2, 7, 14, 28, 91].find((one) => days / one <= most) ?? 365;
  const all: number[] = [];
  for (let at = startOfDay(from, 1); at < until && all.length < 40; at = startOfDay(at + HOUR, step)) all.push(at);
  return all;
}
