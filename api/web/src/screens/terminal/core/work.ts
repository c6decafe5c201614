// A person's work, asked anew: the list each time, jobs where they may have changed.
import { TerminalJobDocument, TerminalWorkDocument } from '../../../api/generated/terminal';
import type { Clock } from './clock';
import type { Job, Work } from './data';
import type { Door } from './door';

/** A job is looked at anew after this, whatever happens: its notes and dates may have changed. */
const JOB_OLD_MS = 120_000;
/** One person may ask for only so much in a minute. */
const JOBS_AT_ONCE = 12;

const isRunning = (job: Job | undefined, operation: number): boolean =>
  job?.operations.some(({ number, status }) => number === operation && status === 'RUNNING') ?? false;

interface Wanted {
  operatorId: string;
  /** What is known of jobs. */
  before: Work['jobs'];
  /** Whether what was told of a job then is not as it is now. */
  isStale: (id: string, at: number) => boolean;
  /** Jobs beside the list. */
  also: readonly string[];
  /** What has to be in the answer. */
  minPosition: string | undefined;
}

export async function tellWork(
  { clock, door }: { clock: Clock; door: Door },
  { operatorId, before, isStale, also, minPosition }: Wanted,
): Promise<Work> {
  const { company, readyToRun, machines } = await door.ask(TerminalWorkDocument, { operatorId, minPosition });
  const jobs: Work['jobs'] = {};
  let left = JOBS_AT_ONCE;
  for (const id of new Set([...readyToRun.map(({ job }) => job.id), ...also])) {
    const known = before[id];
    // What somebody else has begun or left since.
    const rows = readyToRun.filter((row) => row.job.id === id);
    const moves = rows.some((row) => row.running || isRunning(known?.job, row.operation));
    const isOld = known === undefined || moves || isStale(id, known.at) || clock.now() - known.at > JOB_OLD_MS;
    if (isOld && left > 0) {
      left -= 1;
      const { job } = await door.ask(TerminalJobDocument, { id, minPosition });
      if (job != null) jobs[id] = { job, at: clock.now() };
    } else if (known !== undefined) jobs[id] = known;
  }
  return { at: clock.now(), zone: company.zone, rows: readyToRun, machines: machines.edges.map(({ node }) => node), jobs };
}
