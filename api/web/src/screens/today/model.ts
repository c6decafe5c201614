// What the figures of the day are made of, from what the API gives: pure, so that tests can hold it.
import type { PlannedFragment, TodayJobFragment, TodayMachineFragment } from '../../api/generated/today';

type Bar = PlannedFragment['bars'][number];

/** How much of the open time of a work center's machines is planned. */
export interface Load {
  id: string;
  code: string;
  name: string;
  plannedSeconds: number;
  openSeconds: number;
}

/** The part of [start, end) that lies in [from, until), in seconds. */
function within(start: string, end: string, from: number, until: number): number {
  return Math.max(0, Math.min(Date.parse(end), until) - Math.max(Date.parse(start), from)) / 1_000;
}

export const shareOf = (load: Load): number | undefined => (load.openSeconds === 0 ? undefined : load.plannedSeconds / load.openSeconds);

/** The load of every work center with machines on the board, the fullest first. What is over takes no time any more. */
export function loads(board: PlannedFragment, from: number, until: number): Load[] {
  const centers = new Map<string, Load>();
  for (const { machine, open } of board.lanes) {
    if (machine == null) continue;
    const { id, code, name } = machine.workCenter;
    const load = centers.get(id) ?? { id, code, name: name ?? code, plannedSeconds: 0, openSeconds: 0 };
    for (const span of open) load.openSeconds += within(span.start, span.end, from, until);
    centers.set(id, load);
  }
  for (const bar of board.bars) {
    const load = centers.get(bar.workCenter.id);
    if (load !== undefined && !bar.over) load.plannedSeconds += within(bar.start, bar.end, from, until);
  }
  return [...centers.values()].sort((one, other) => (shareOf(other) ?? -1) - (shareOf(one) ?? -1) || one.code.localeCompare(other.code));
}

/** A job that will miss its date as it is planned. */
export interface AtRisk {
  id: string;
  number: string;
  product: string | null;
  due: string;
  end: string;
  status: Bar['jobStatus'];
}

/** Jobs whose date is not past yet, and whose plan ends after it: the one that misses it by most first. */
export function atRisk(board: PlannedFragment, now: number): AtRisk[] {
  const jobs = new Map<string, AtRisk>();
  for (const bar of board.bars) {
    if (!bar.late || bar.over || bar.due == null || Date.parse(bar.due) <= now) continue;
    const known = jobs.get(bar.job.id);
    if (known !== undefined && Date.parse(known.end) >= Date.parse(bar.end)) continue;
    jobs.set(bar.job.id, {
      id: bar.job.id,
      number: bar.job.code,
      product: bar.job.name,
      due: bar.due,
      end: bar.end,
      status: bar.jobStatus,
    });
  }
  const misses = ({ due, end }: AtRisk) => Date.parse(end) - Date.parse(due);
  return [...jobs.values()].sort((one, other) => misses(other) - misses(one));
}

/** The late jobs after one has changed, the one that is due first first. */
export function withJob(late: readonly TodayJobFragment[], job: TodayJobFragment): TodayJobFragment[] {
  const others = late.filter(({ id }) => id !== job.id);
  if (!job.late) return others;
  return [...others, job].sort((one, other) => Date.parse(one.due ?? '') - Date.parse(other.due ?? ''));
}

/** The same things with those that have changed in their places. */
export function withRows<Row extends { id: string }>(rows: readonly Row[], changed: readonly Row[]): Row[] {
  const news = new Map(changed.map((row) => [row.id, row]));
  const known = rows.map((row) => news.get(row.id) ?? row);
  const ids = new Set(rows.map(({ id }) => id));
  return [...known, ...changed.filter(({ id }) => !ids.has(id))];
}

/** Machines by what is the matter with them: those that can't work first, and those longest so. */
export function machinesBy(machines: readonly TodayMachineFragment[]) {
  const inUse = machines.filter(({ status }) => status !== 'RETIRED');
  const isBusy = (machine: TodayMachineFragment) => machine.atWork.length > 0 || machine.status === 'RUNNING' || machine.status === 'SETUP';
  const bySince = (one: TodayMachineFragment, other: TodayMachineFragment) => Date.parse(one.since) - Date.parse(other.since);
  return {
    inUse,
    stopped: inUse.filter(({ status }) => status === 'DOWN' || status === 'MAINTENANCE').sort(bySince),
    busy: inUse.filter((machine) => isBusy(machine) && machine.status !== 'DOWN' && machine.status !== 'MAINTENANCE'),
    free: inUse.filter((machine) => machine.status === 'AVAILABLE' && machine.atWork.length === 0).sort(bySince),
  };
}
