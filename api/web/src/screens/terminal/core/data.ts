// A person's work as it was told last, with what was done here since: without network that is all there is.
import type { TerminalJobQuery, TerminalWorkQuery } from '../../../api/generated/terminal';
import type { Deed, Entry, OnOperation, Phase } from './entry';
import { isWaiting } from './entry';

export type Row = TerminalWorkQuery['readyToRun'][number];
export type Job = NonNullable<TerminalJobQuery['job']>;
export type Machine = TerminalWorkQuery['machines']['edges'][number]['node'];
type Operation = Job['operations'][number];

/** What somebody has left here to go on with, and on which machine it was. */
export interface Left extends OnOperation {
  machineId?: string;
}

export interface Work {
  /** When it was told, by the server's clock. */
  at: number;
  zone: string;
  rows: Row[];
  machines: Machine[];
  /** What they have paused here: the plan may not have it for them. */
  left?: Left[];
  /** By identity, with when each was told. */
  jobs: Record<string, { job: Job; at: number }>;
}

/** `mine` runs by me, `theirs` by somebody else only; on what is `called` somebody waits for help. */
export type TaskState = 'mine' | 'called' | 'paused' | 'theirs' | 'ready' | 'waiting' | 'finished';

export interface Call {
  id: string;
  reason: string;
  since: number;
  /** Somebody takes care of it. */
  isAnswered: boolean;
}

interface Colleague {
  id: string;
  name: string;
}

export interface Task {
  key: string;
  jobId: string;
  job: string;
  operation: number;
  name?: string;
  product?: string | null;
  unit: string;
  quantity?: number;
  good: number;
  scrap: number;
  machine?: { id: string; code: string; name?: string | null };
  workCenterId?: string;
  start?: string | null;
  due?: string | null;
  late: boolean;
  state: TaskState;
  phase?: Phase;
  since?: number;
  /** The call for help that is open on it. */
  call?: Call;
  waitsFor: Row['waitsFor'];
  /** Who else is at work on it. */
  others: Colleague[];
  instructions?: string | null;
  notes?: string | null;
  setupSeconds: number;
  /** Something of it is still to be sent. */
  isKept: boolean;
}

export const keyOf = (jobId: string, operation: number): string => `${jobId}/${operation}`;

const numberOf = (decimal: string | null | undefined): number => (decimal == null ? 0 : Number(decimal));

function stateOf(row: Row | undefined, operation: Operation | undefined, isMine: boolean): TaskState {
  if (operation?.andon != null) return 'called';
  if (isMine) return 'mine';
  if (operation?.status === 'FINISHED') return 'finished';
  if (operation?.status === 'RUNNING' || row?.running) return 'theirs';
  if ((row?.waitsFor.length ?? 0) > 0) return 'waiting';
  return operation?.status === 'PAUSED' ? 'paused' : 'ready';
}

const callOf = (operation: Operation | undefined): Call | undefined =>
  operation?.andon == null
    ? undefined
    : {
        id: operation.andon.id,
        reason: operation.andon.reason,
        since: Date.parse(operation.andon.calledAt),
        isAnswered: operation.andon.answered,
      };

/** One operation as it was told. */
export function taskOf(job: Job | undefined, row: Row | undefined, operation: number, me: string): Task {
  const found = job?.operations.find(({ number }) => number === operation);
  const mine = found?.atWork.find(({ operator }) => operator.id === me);
  // Where it is done goes before where it was planned.
  const atWork = mine ?? found?.atWork[0];
  const jobId = job?.id ?? row?.job.id ?? '';
  return {
    key: keyOf(jobId, operation),
    jobId,
    job: job?.number ?? row?.job.code ?? '',
    operation,
    name: found?.name,
    product: job?.product,
    unit: job?.unit ?? '',
    quantity: job?.quantity == null ? undefined : Number(job.quantity),
    good: numberOf(found?.good),
    scrap: numberOf(found?.scrap),
    machine: (atWork === undefined ? row?.machine : atWork.machine) ?? undefined,
    workCenterId: found?.workCenter.id,
    start: row?.start,
    due: job?.due,
    late: job?.late ?? false,
    state: stateOf(row, found, mine !== undefined),
    phase: mine === undefined ? undefined : mine.phase === 'SETUP' ? 'SETUP' : 'RUN',
    since: mine && Date.parse(mine.since),
    call: callOf(found),
    waitsFor: row?.waitsFor ?? [],
    others:
      found?.atWork.filter(({ operator }) => operator.id !== me).map(({ operator: { id, name, code } }) => ({ id, name: name ?? code })) ??
      [],
    instructions: found?.plan?.instructions,
    notes: job?.notes,
    setupSeconds: found?.plan?.setupSeconds ?? 0,
    isKept: false,
  };
}

function withMade(task: Task, good: string, scrap: string): Task {
  return { ...task, good: task.good + numberOf(good), scrap: task.scrap + numberOf(scrap) };
}

/** Whether another call is meant than the one that is open. */
const isOfAnother = (callId: string | undefined, { call }: Task): boolean =>
  callId !== undefined && call !== undefined && call.id !== callId;

/** The machine that somebody has named, as far as it is known here. */
function machineAt(id: string | undefined, machines: readonly Machine[], planned?: Task['machine']): Task['machine'] {
  if (id === undefined) return undefined;
  return planned?.id === id ? planned : (machines.find((one) => one.id === id) ?? { id, code: '?' });
}

/** The task after others have begun or left it: who is at work oneself stays there, and where the last one leaves, it is paused. */
function withOthers(task: Task, others: Colleague[]): Task {
  if (task.state === 'mine') return { ...task, others };
  if (others.length > 0) return { ...task, others, state: 'theirs' };
  return { ...task, others, state: task.state === 'theirs' ? 'paused' : task.state };
}

/** The task after something was done that is not in what was told. */
function withDeed(task: Task, { deed, commandId, at, operatorId, name, isKept }: Since, me: string, machines: readonly Machine[]): Task {
  if (deed.kind === 'machine' || keyOf(deed.jobId, deed.operation) !== task.key) return task;
  const isOwn = operatorId === me;
  const rest = task.others.filter(({ id }) => id !== operatorId);
  const kept = { ...task, isKept: task.isKept || isKept };
  switch (deed.kind) {
    case 'start':
      if (!isOwn) {
        const machine = task.state === 'mine' ? task.machine : machineAt(deed.machineId, machines, task.machine);
        return withOthers({ ...kept, machine }, [...rest, { id: operatorId, name }]);
      }
      return {
        ...kept,
        state: 'mine',
        phase: deed.phase,
        since: at,
        waitsFor: [],
        machine: machineAt(deed.machineId, machines, task.machine),
      };
    case 'pause':
      if (!isOwn) return withOthers(kept, rest);
      return withOthers({ ...kept, state: 'paused', phase: undefined, since: undefined }, rest);
    case 'call':
      return {
        ...kept,
        state: 'called',
        others: [],
        phase: undefined,
        since: undefined,
        call: { id: commandId, reason: deed.reason, since: at, isAnswered: false },
      };
    case 'answer':
      if (isOfAnother(deed.callId, task)) return kept;
      return { ...kept, call: kept.call && { ...kept.call, isAnswered: true } };
    case 'solve':
      if (isOfAnother(deed.callId, task)) return kept;
      return { ...kept, state: 'paused', call: undefined, waitsFor: kept.waitsFor.filter(({ kind }) => kind !== 'ANDON_CALL') };
    case 'report':
      return withMade(kept, deed.good, deed.scrap);
    case 'finish':
      return withMade({ ...kept, state: 'finished', phase: undefined, since: undefined }, deed.good, deed.scrap);
  }
}

const ORDER: Record<TaskState, number> = { mine: 0, called: 1, paused: 1, ready: 2, theirs: 2, waiting: 2, finished: 3 };

/** The order of the plan, and before it what runs and what was left. */
function inOrder(tasks: Task[]): Task[] {
  return tasks
    .map((task, at) => ({ task, at }))
    .sort((a, b) => ORDER[a.task.state] - ORDER[b.task.state] || a.at - b.at)
    .map(({ task }) => task);
}

/** What was done here and is not in what was told. */
export interface Since {
  deed: Deed;
  commandId: string;
  operatorId: string;
  /** Of whoever did it. */
  name: string;
  at: number;
  /** It is still to be sent. */
  isKept: boolean;
}

/** What was sent since the work was told, and what waits, in their order. */
export function sinceOf(sent: readonly Entry[], entries: readonly Entry[]): Since[] {
  const of = (isKept: boolean) => (entry: Entry) => ({
    deed: entry.deed,
    commandId: entry.commandId,
    operatorId: entry.visit.operatorId,
    name: entry.visit.name,
    at: entry.at,
    isKept,
  });
  return [...sent.map(of(false)), ...entries.filter(isWaiting).map(of(true))];
}

/** What somebody has to do, with what was done at this tablet since it was told: their own and others'. */
export function tasksOf(work: Work, since: readonly Since[], me: string): Task[] {
  const tasks = work.rows.map((row) => taskOf(work.jobs[row.job.id]?.job, row, row.operation, me));
  // What was begun here and is not in the plan for them.
  for (const { deed, operatorId } of since) {
    if (deed.kind !== 'start' || operatorId !== me || tasks.some(({ key }) => key === keyOf(deed.jobId, deed.operation))) continue;
    const task = taskOf(work.jobs[deed.jobId]?.job, undefined, deed.operation, me);
    tasks.push({ ...task, key: keyOf(deed.jobId, deed.operation), jobId: deed.jobId, job: deed.job });
  }
  return inOrder(tasks.map((task) => since.reduce((so, one) => withDeed(so, one, me, work.machines), task)));
}

/** Machines as they were told, with what was said of them here since. */
export function machinesOf(work: Work, since: readonly Since[]): Machine[] {
  return work.machines.map((machine) => {
    const last = since.findLast(({ deed }) => deed.kind === 'machine' && deed.machineId === machine.id)?.deed;
    return last?.kind === 'machine' ? { ...machine, status: last.status, reason: last.reason ?? null } : machine;
  });
}

/** A task as it is on the screen: with the machine that was chosen there, until somebody is at work. What is in no list was looked for. */
export function taskAt(key: string, tasks: readonly Task[], shown: Task | undefined): Task | undefined {
  const task = tasks.find((one) => one.key === key);
  if (shown?.key !== key) return task;
  if (task === undefined) return shown;
  return task.state === 'mine' ? task : { ...task, machine: shown.machine };
}

/** What was left here to be gone on with, after one more thing was done: paused, or until help came. */
export function leftAfter(left: readonly Left[], deed: Deed): Left[] {
  if (deed.kind === 'machine') return [...left];
  const { jobId, job, operation } = deed;
  const isIt = (one: Left): boolean => keyOf(one.jobId, one.operation) === keyOf(jobId, operation);
  const rest = left.filter((one) => !isIt(one));
  if (deed.kind !== 'pause' && deed.kind !== 'call' && deed.kind !== 'solve') return rest;
  const machineId = (deed.kind === 'solve' ? undefined : deed.machineId) ?? left.find(isIt)?.machineId;
  return [...rest, { jobId, job, operation, machineId }];
}

/** How many are still to be made of an operation; unknown where nobody said how many it is to be. */
export const leftOf = (task: Task): number | undefined =>
  task.quantity === undefined ? undefined : Math.max(0, Math.round((task.quantity - task.good) * 1000) / 1000);
