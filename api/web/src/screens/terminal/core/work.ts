// A person's work, asked anew: the list each time, jobs where they may have changed.
import { TerminalJobDocument, TerminalWorkDocument } from '../../../api/generated/terminal';
import type { Clock } from './clock';
import type { Job, Left, Machine, Row, Work } from './data';
import type { Door } from './door';
import type { OnOperation } from './entry';

/** A job is looked at anew after this, whatever happens: its notes and dates may have changed. */
const JOB_OLD_MS = 120_000;
/** One person may ask for only so much in a minute. */
const JOBS_AT_ONCE = 12;

const isAt = (job: Job | undefined, operation: number, ...wanted: Job['operations'][number]['status'][]): boolean =>
  job?.operations.some(({ number, status }) => number === operation && wanted.includes(status)) ?? false;

const isHelpless = ({ waitsFor }: Row): boolean => waitsFor.some(({ kind }) => kind === 'ANDON_CALL');

const isOn = (row: Row, { jobId, operation }: OnOperation): boolean => row.job.id === jobId && row.operation === operation;

/** As the plan would have it, which does not. */
const rowOf = ({ jobId, job, operation }: OnOperation): Row => ({
  job: { id: jobId, code: job },
  operation,
  machine: null,
  start: null,
  end: null,
  running: false,
  waitsFor: [],
});

/** One goes on at the machine where one was, wherever it had been planned. */
function whereItWasLeft(row: Row, left: readonly Left[], machines: readonly Machine[]): Row {
  const machineId = left.find((one) => isOn(row, one))?.machineId;
  const machine = machines.find(({ id }) => id === machineId);
  return machine === undefined ? row : { ...row, machine: { id: machine.id, code: machine.code, name: machine.name } };
}

interface Wanted {
  operatorId: string;
  /** What is known of jobs. */
  before: Work['jobs'];
  /** Whether what was told of a job then is not as it is now. */
  isStale: (id: string, at: number) => boolean;
  /** Jobs beside the list. */
  also: readonly string[];
  /** What they have paused here. */
  left: readonly Left[];
  /** What has to be in the answer. */
  minPosition: string | undefined;
}

export async function tellWork(
  { clock, door }: { clock: Clock; door: Door },
  { operatorId, before, isStale, also, left: paused, minPosition }: Wanted,
): Promise<Work> {
  const { company, readyToRun, machines } = await door.ask(TerminalWorkDocument, { operatorId, minPosition });
  const jobs: Work['jobs'] = {};
  let more = JOBS_AT_ONCE;
  const wanted = [...new Set([...readyToRun.map(({ job }) => job.id), ...also, ...paused.map(({ jobId }) => jobId)])];
  // What is known to be otherwise comes first: there may be more than can be asked for.
  const isFirst = (id: string): boolean => before[id] === undefined || isStale(id, before[id].at);
  for (const id of [...wanted.filter(isFirst), ...wanted.filter((one) => !isFirst(one))]) {
    const known = before[id];
    // What somebody else has begun or left since.
    const rows = readyToRun.filter((row) => row.job.id === id);
    const moves = rows.some((row) => row.running || isHelpless(row) || isAt(known?.job, row.operation, 'RUNNING'));
    // Whether somebody comes is what whoever called waits to read.
    const isCalled = known?.job.operations.some(({ andon }) => andon != null) ?? false;
    const isOld = known === undefined || moves || isCalled || isStale(id, known.at) || clock.now() - known.at > JOB_OLD_MS;
    if (isOld && more > 0) {
      more -= 1;
      const { job } = await door.ask(TerminalJobDocument, { id, minPosition });
      if (job != null) jobs[id] = { job, at: clock.now() };
    } else if (known !== undefined) jobs[id] = known;
  }
  const left = paused.filter(({ jobId, operation }) => isAt(jobs[jobId]?.job, operation, 'PAUSED', 'BLOCKED'));
  const known = machines.edges.map(({ node }) => node);
  const beside = left.filter((one) => !readyToRun.some((row) => isOn(row, one))).map(rowOf);
  const rows = [...readyToRun, ...beside].map((row) => whereItWasLeft(row, left, known));
  return { at: clock.now(), zone: company.zone, rows, machines: known, jobs, left };
}
