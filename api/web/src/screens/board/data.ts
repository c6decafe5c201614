// From what Kilter tells to what the board draws.
import type { BoardQuery, LaneMachineFragment, PlannedHereFragment } from '../../api/generated/board';
import { type Bar, type BarStatus, keyOf, type Lane, type LaneState } from '../../board/types';

export type Planned = PlannedHereFragment;
export type ByWhat = 'MACHINE' | 'OPERATOR';
export type RawLane = BoardQuery['board']['lanes'][number];

const STATUS: Record<Planned['status'], BarStatus> = {
  WAITING: 'waiting',
  RUNNING: 'running',
  PAUSED: 'paused',
  BLOCKED: 'blocked',
  FINISHED: 'finished',
};

const STATE: Record<LaneMachineFragment['status'], LaneState> = {
  AVAILABLE: 'idle',
  RUNNING: 'running',
  SETUP: 'setup',
  DOWN: 'down',
  MAINTENANCE: 'held',
  RETIRED: 'gone',
};

export const plannedKey = (planned: Planned): string => keyOf(planned.job.id, planned.operation);

export interface Times {
  start: number;
  runStart: number;
  end: number;
  due: number | undefined;
}

const times = new WeakMap<Planned, Times>();

/** Its instants as numbers. What is told is never changed, so they are read once. */
export function timesOf(planned: Planned): Times {
  let known = times.get(planned);
  if (known === undefined) {
    const { start, runStart, end, due } = planned;
    known = {
      start: Date.parse(start),
      runStart: Date.parse(runStart),
      end: Date.parse(end),
      due: due == null ? undefined : Date.parse(due),
    };
    times.set(planned, known);
  }
  return known;
}

/** The lane of what is outside the house or has nobody named. */
export const NOWHERE = 'elsewhere';

function progressOf({ status, good, quantity }: Planned): number | undefined {
  if (status === 'FINISHED') return 1;
  const whole = Number(quantity ?? 0);
  return whole > 0 ? Math.min(1, Number(good) / whole) : undefined;
}

export function toBar(planned: Planned, by: ByWhat): Bar {
  const lane = by === 'MACHINE' ? planned.machine?.id : planned.operator?.id;
  return {
    key: plannedKey(planned),
    lane: lane ?? NOWHERE,
    group: planned.workCenter.id,
    job: planned.job.id,
    jobCode: planned.job.code,
    operation: planned.operation,
    name: planned.name,
    ...timesOf(planned),
    status: STATUS[planned.status],
    held: planned.jobStatus === 'BLOCKED' || planned.jobStatus === 'PAUSED',
    progress: progressOf(planned),
    pinned: planned.pin != null,
    // Done outside the house: there is no machine that it could go to.
    stays: planned.machine === null,
  };
}

export interface LaneWords {
  machine: (status: LaneMachineFragment['status']) => string;
  atWork: string;
  free: string;
  elsewhere: string;
}

export function toLane({ machine, operator, open }: RawLane, words: LaneWords): Lane | undefined {
  const spans = open.map(({ start, end }) => ({ start: Date.parse(start), end: Date.parse(end) }));
  if (machine) {
    const { id, code, name, capacity, status, reason } = machine;
    const word = reason ? `${words.machine(status)}: ${reason}` : words.machine(status);
    return { id, code, name, capacity, group: machine.workCenter.id, state: STATE[status], word, open: spans };
  }
  if (!operator) return undefined;
  const busy = operator.atWork.length > 0;
  const name = operator.name ?? operator.code;
  return {
    id: operator.id,
    code: name,
    name,
    capacity: 1,
    state: operator.active ? (busy ? 'running' : 'idle') : 'gone',
    word: busy ? words.atWork : words.free,
    open: spans,
  };
}

/** Where those go that no lane has: as many side by side as there are. */
export const elsewhereLane = (words: LaneWords): Lane => ({
  id: NOWHERE,
  code: words.elsewhere,
  name: '',
  capacity: Number.POSITIVE_INFINITY,
  state: 'unknown',
  word: '',
  open: undefined,
});
