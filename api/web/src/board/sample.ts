// Made-up boards for tests and measurements: the same ones each time.
import { type Bar, DAY, HOUR, keyOf, type Lane, MINUTE } from './types';

export const MONDAY = Date.parse('2026-03-02T00:00:00+02:00');

export function laneOf(id: string, more: Partial<Lane> = {}): Lane {
  return { id, code: id, name: id, state: 'idle', word: '', capacity: 1, open: undefined, ...more };
}

export function barOf(job: string, operation: number, lane: string, start: number, hours: number, more: Partial<Bar> = {}): Bar {
  const end = start + hours * HOUR;
  return {
    key: keyOf(job, operation),
    lane,
    job,
    jobCode: job,
    operation,
    name: 'Milling',
    start,
    runStart: start,
    end,
    status: 'waiting',
    held: false,
    progress: undefined,
    pinned: false,
    due: undefined,
    ...more,
  };
}

/** So many bars on lanes with two shifts a day: jobs of five operations, some late, pinned or running. */
export function sampleShop(bars: number, perLane = 100): { lanes: Lane[]; bars: Bar[] } {
  const random = chance(7);
  const days = Math.ceil(perLane / 8);
  const open = Array.from({ length: days }, (_, day) => ({ start: MONDAY + day * DAY + 6 * HOUR, end: MONDAY + day * DAY + 22 * HOUR }));
  const lanes = Array.from({ length: Math.ceil(bars / perLane) }, (_, at) =>
    laneOf(`M${at}`, {
      code: `MILL-${at + 1}`,
      open,
      state: at % 5 === 0 ? 'running' : 'idle',
      name: 'Machining centre',
      word: at % 5 === 0 ? 'Running' : 'Free',
    }),
  );
  const free = lanes.map(() => MONDAY + 6 * HOUR);
  const all = Array.from({ length: bars }, (_, at) => {
    const lane = at % lanes.length;
    const hours = 0.5 + random() * 2.5;
    const start = free[lane] ?? MONDAY;
    free[lane] = start + hours * HOUR + (random() < 0.3 ? 2 * HOUR : 0);
    const job = 4000 + Math.floor(at / 5);
    return barOf(String(job), ((at % 5) + 1) * 10, `M${lane}`, start, hours, {
      runStart: start + random() * 30 * MINUTE,
      pinned: random() < 0.05,
      status: at < lanes.length ? 'running' : 'waiting',
      progress: random(),
      due: random() < 0.2 ? start : undefined,
    });
  });
  return { lanes, bars: all };
}

/** Numbers between 0 and 1 that are the same on every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
