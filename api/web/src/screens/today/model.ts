// What the figures of the day are made of, from what the API gives: pure, so that tests can hold it.
import type {
  PlannedFragment,
  TodayFloorQuery,
  TodayJobFragment,
  TodayJobsQuery,
  TodayLoadFragment,
  TodayMachineFragment,
} from '../../api/generated/today';

/** Whether it is known that there are neither jobs nor machines. */
export const isEmpty = (jobs: Pick<TodayJobsQuery, 'all'> | undefined, floor: Pick<TodayFloorQuery, 'machines'> | undefined): boolean =>
  jobs?.all.totalCount === 0 && floor?.machines.edges.length === 0;

/** How much of the open time of a work center's machines is planned. */
export interface Load {
  id: string;
  code: string;
  name: string;
  plannedSeconds: number;
  openSeconds: number;
}

export const shareOf = (load: Load): number | undefined => (load.openSeconds === 0 ? undefined : load.plannedSeconds / load.openSeconds);

/** The load of every work center over some days, the fullest first. Where its hours are not known, nothing is said of how full it is. */
export function loads(lanes: readonly TodayLoadFragment[], isWanted: (date: string) => boolean): Load[] {
  const made = lanes.flatMap(({ workCenter, hoursKnown, spans }): Load[] => {
    if (workCenter == null) return [];
    const load = { ...workCenter, name: workCenter.name ?? workCenter.code, plannedSeconds: 0, openSeconds: 0 };
    for (const { date, openSeconds, setupSeconds, runSeconds } of spans) {
      if (!isWanted(date)) continue;
      load.plannedSeconds += setupSeconds + runSeconds;
      if (hoursKnown) load.openSeconds += openSeconds;
    }
    return [load];
  });
  return made.sort((one, other) => (shareOf(other) ?? -1) - (shareOf(one) ?? -1) || one.code.localeCompare(other.code));
}

/** A job that will miss its date as it is planned. */
export interface AtRisk {
  id: string;
  number: string;
  product: string | null;
  due: string;
  end: string;
  status: PlannedFragment['jobStatus'];
}

/** Jobs whose date is not past yet, and whose plan ends after it: the one that misses it by most first. */
export function atRisk(bars: readonly PlannedFragment[], now: number): AtRisk[] {
  const jobs = new Map<string, AtRisk>();
  for (const bar of bars) {
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

/** What is at work without a machine that runs: begun on one that is stopped, or on none at all. */
export function beside({ machines, workCenters }: Pick<TodayFloorQuery, 'machines' | 'workCenters'>) {
  const nodes = machines.edges.map(({ node }) => node);
  const onMachines = new Set(nodes.flatMap(({ atWork }) => atWork.map(({ job, operation }) => `${job.id} ${operation}`)));
  const running = workCenters.edges.reduce((sum, { node }) => sum + node.runningOperations, 0);
  return {
    stands: machinesBy(nodes).stopped.filter(({ atWork }) => atWork.length > 0).length,
    // The two are told one after the other: for a moment there may be more on machines than at work centers.
    withoutMachine: Math.max(0, running - onMachines.size),
  };
}
