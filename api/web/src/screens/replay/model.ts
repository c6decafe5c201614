// Small pictures of the floor at equal distances, the newest last: pure, so that tests can hold it.
import type { ReplayMachineFragment } from '../../api/generated/replay';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

/** How far apart the pictures are. */
export const EVERY = { minute: MINUTE, five: 5 * MINUTE, quarter: 15 * MINUTE, hour: HOUR, shift: 8 * HOUR, day: DAY } as const;
export type Every = keyof typeof EVERY;

export interface ReplaySearch {
  every?: Every;
}

const isEvery = (value: unknown): value is Every => typeof value === 'string' && Object.hasOwn(EVERY, value);

export const readSearch = ({ every }: Record<string, unknown>): ReplaySearch => ({ every: isEvery(every) ? every : undefined });

export const PICTURES = 12;

/**
 * The instants of the pictures. They stand at full steps of the clock, so that the same moments are asked for again when a minute has passed;
 * the last one is the moment itself.
 */
export function instantsOf(moment: number, step: number, count = PICTURES): number[] {
  const last = Math.ceil(moment / step) * step;
  const full = Array.from({ length: count - 1 }, (_, at) => last - (at + 1) * step);
  return [...full.reverse(), moment];
}

export type Cell = ReplayMachineFragment['status'];

/** What a machine is doing: that it can't work goes before that somebody is at it. */
export function cellOf({ status, atWork: [work] }: ReplayMachineFragment): Cell {
  if (status === 'DOWN' || status === 'MAINTENANCE' || status === 'RETIRED' || work === undefined) return status;
  return work.phase === 'SETUP' ? 'SETUP' : 'RUNNING';
}

export interface Sums {
  running: number;
  stopped: number;
  all: number;
}

export function sumsOf(machines: readonly ReplayMachineFragment[]): Sums {
  const cells = machines.map(cellOf).filter((cell) => cell !== 'RETIRED');
  return {
    all: cells.length,
    running: cells.filter((cell) => cell === 'RUNNING' || cell === 'SETUP').length,
    stopped: cells.filter((cell) => cell === 'DOWN' || cell === 'MAINTENANCE').length,
  };
}

/** Which machines do something else than in the picture before: what moved is what is to be seen. */
export function changedCells(before: readonly ReplayMachineFragment[] | undefined, now: readonly ReplayMachineFragment[]): Set<string> {
  if (before === undefined) return new Set();
  const known = new Map(before.map((machine) => [machine.id, machine]));
  const isOther = (machine: ReplayMachineFragment) => {
    const was = known.get(machine.id);
    return was === undefined || cellOf(was) !== cellOf(machine) || was.atWork[0]?.job.code !== machine.atWork[0]?.job.code;
  };
  return new Set(now.filter(isOther).map(({ id }) => id));
}
