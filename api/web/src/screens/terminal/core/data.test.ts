import { describe, expect, it } from 'vitest';
import { type Job, leftAfter, leftOf, machinesOf, type Row, type Since, taskAt, taskOf, tasksOf, type Work } from './data';

const me = 'otto';
const row = (job: string, over: Partial<Row> = {}): Row => ({
  job: { id: job, code: job },
  operation: 10,
  machine: null,
  start: null,
  end: null,
  running: false,
  waitsFor: [],
  ...over,
});

function job(id: string, over: Partial<Job['operations'][number]> = {}): Job {
  const workCenter = { id: 'TURN', code: 'TURN', name: 'Turning' };
  const operation = {
    number: 10,
    name: 'Turn',
    workCenter,
    status: 'WAITING' as const,
    good: '0',
    scrap: '0',
    atWork: [],
    andon: null,
    plan: null,
    ...over,
  };
  return {
    id,
    number: id,
    product: 'Shaft',
    quantity: '40',
    unit: 'pcs',
    due: null,
    late: false,
    status: 'SCHEDULED',
    reason: null,
    notes: null,
    operations: [operation],
  };
}

function work(rows: Row[], jobs: Job[]): Work {
  const machine = { id: 'M', code: 'M', name: 'Mill', status: 'AVAILABLE' as const, reason: null, workCenter: { id: 'TURN' } };
  return { at: 0, zone: 'UTC', rows, machines: [machine], jobs: Object.fromEntries(jobs.map((one) => [one.id, { job: one, at: 0 }])) };
}

const on = (jobId: string) => ({ jobId, job: jobId, operation: 10 });
const since = (deed: Since['deed'], operatorId = me): Since => ({
  deed,
  commandId: `${deed.kind} id`,
  operatorId,
  name: operatorId,
  at: 5,
  isKept: true,
});
const states = (all: Work, done: Since[] = []) =>
  tasksOf(all, done, me).map(({ job: number, state, isKept }) => `${number} ${state}${isKept ? ' kept' : ''}`);

describe('somebody’s work', () => {
  const atWork = [{ operator: { id: me, code: me, name: null }, machine: null, phase: 'RUN' as const, since: '2026-11-23T10:00:00Z' }];

  it('has what runs first, then what was left, then the plan’s order', () => {
    const told = work(
      [
        row('J-1', { waitsFor: [{ kind: 'PREDECESSOR', operation: 10, until: null }] }),
        row('J-2'),
        row('J-3'),
        row('J-4', { running: true }),
      ],
      [job('J-1'), job('J-2'), job('J-3', { status: 'PAUSED' }), job('J-4', { status: 'RUNNING', atWork })],
    );
    expect(states(told)).toEqual(['J-4 mine', 'J-3 paused', 'J-1 waiting', 'J-2 ready']);
  });

  it('is as it was told with what was done here since', () => {
    const told = work([row('J-1'), row('J-2')], [job('J-1'), job('J-2')]);
    const begun = since({ kind: 'start', ...on('J-1'), phase: 'RUN' });
    expect(states(told, [begun])).toEqual(['J-1 mine kept', 'J-2 ready']);
    const counted = since({ kind: 'report', ...on('J-1'), good: '12', scrap: '1' });
    const [first] = tasksOf(told, [begun, counted], me);
    expect(first && [first.good, first.scrap, leftOf(first), first.since]).toEqual([12, 1, 28, 5]);
    const paused = since({ kind: 'pause', ...on('J-1'), reason: 'Break' });
    expect(states(told, [begun, counted, paused])).toEqual(['J-1 paused kept', 'J-2 ready']);
    const over = since({ kind: 'finish', ...on('J-1'), good: '28', scrap: '0' });
    expect(states(told, [begun, counted, over])).toEqual(['J-2 ready', 'J-1 finished kept']);
  });

  it('stands still where help was called, until it is solved', () => {
    const andon = { id: 'C-1', reason: 'Tool broke', calledAt: '1970-01-01T00:00:07Z', answered: true, escalated: false };
    const waits = [{ kind: 'ANDON_CALL' as const, operation: null, until: null }];
    const told = work([row('J-1', { waitsFor: waits }), row('J-2')], [job('J-1', { status: 'BLOCKED', andon }), job('J-2')]);
    expect(tasksOf(told, [], me)[0]).toMatchObject({ state: 'called', call: { reason: 'Tool broke', since: 7_000, isAnswered: true } });
    expect(states(told, [since({ kind: 'solve', ...on('J-1') })])).toEqual(['J-1 paused kept', 'J-2 ready']);
    const begun = since({ kind: 'start', ...on('J-2'), phase: 'RUN' });
    const called = since({ kind: 'call', ...on('J-2'), reason: 'Jam' });
    expect(states(told, [begun, called])).toEqual(['J-1 called', 'J-2 called kept']);
    expect(tasksOf(told, [begun, called], me)[1]?.call).toEqual({ id: 'call id', reason: 'Jam', since: 5, isAnswered: false });
    const answered = since({ kind: 'answer', ...on('J-2'), callId: 'call id' });
    expect(tasksOf(told, [begun, called, answered], me)[1]?.call?.isAnswered).toBe(true);
    // What was said of another call leaves this one as it is.
    const other = since({ kind: 'solve', ...on('J-2'), callId: 'C-0' });
    expect(states(told, [begun, called, other])).toEqual(['J-1 called', 'J-2 called kept']);
  });

  it('keeps what waits for help in the list of who called, also where the plan has it for nobody', () => {
    const [one, two] = [on('J-1'), on('J-2')];
    const left = leftAfter(leftAfter([], { kind: 'call', ...one, reason: 'Jam' }), { kind: 'call', ...two, reason: 'Jam' });
    expect(leftAfter(left, { kind: 'solve', ...two })).toEqual([one, two]);
    expect(leftAfter(left, { kind: 'start', ...one, phase: 'RUN' })).toEqual([two]);
  });

  it('shows what others have done here as theirs', () => {
    const told = work([row('J-1')], [job('J-1')]);
    expect(states(told, [since({ kind: 'start', ...on('J-1'), phase: 'RUN' }, 'ben')])).toEqual(['J-1 theirs kept']);
    expect(states(told, [since({ kind: 'finish', ...on('J-1'), good: '40', scrap: '0' }, 'ben')])).toEqual(['J-1 finished kept']);
  });

  it('runs on as long as one of those who work together does', () => {
    const told = work([row('J-1')], [job('J-1')]);
    const begins = (who: string) => since({ kind: 'start', ...on('J-1'), phase: 'RUN' }, who);
    const pauses = (who: string) => since({ kind: 'pause', ...on('J-1'), reason: 'Break' }, who);
    const names = (...done: Since[]) => tasksOf(told, done, me)[0]?.others.map(({ name }) => name);
    const both = [begins('ben'), begins('eva')];
    expect(names(...both)).toEqual(['ben', 'eva']);
    expect([states(told, [...both, pauses('ben')]), names(...both, pauses('ben'))]).toEqual([['J-1 theirs kept'], ['eva']]);
    expect(states(told, [...both, pauses('ben'), pauses('eva')])).toEqual(['J-1 paused kept']);
    // Whoever joins in or goes takes nobody else from it.
    expect(states(told, [begins(me), begins('ben')])).toEqual(['J-1 mine kept']);
    expect(states(told, [begins(me), begins('ben'), pauses('ben')])).toEqual(['J-1 mine kept']);
    expect(states(told, [begins('ben'), begins(me), pauses(me)])).toEqual(['J-1 theirs kept']);
  });

  it('has what was begun beside the plan', () => {
    const told = work([row('J-1')], [job('J-1'), job('J-9')]);
    expect(states(told, [since({ kind: 'start', ...on('J-9'), phase: 'RUN' })])).toEqual(['J-9 mine kept', 'J-1 ready']);
  });

  it('keeps what was paused here until somebody goes on with it', () => {
    const [one, two] = [on('J-1'), on('J-2')];
    const left = leftAfter(leftAfter([], { kind: 'pause', ...one, reason: 'Break' }), { kind: 'pause', ...two, reason: 'Tool' });
    expect(left).toEqual([one, two]);
    expect(leftAfter(left, { kind: 'start', ...one, phase: 'RUN' })).toEqual([two]);
    expect(leftAfter(left, { kind: 'finish', ...two, good: '1', scrap: '0' })).toEqual([one]);
  });

  describe('at a machine that was not planned', () => {
    const [planned, other] = [
      { id: 'L1', code: 'L1', name: 'Lathe 1' },
      { id: 'L2', code: 'L2', name: 'Lathe 2' },
    ];
    const machine = { ...other, status: 'AVAILABLE' as const, reason: null, workCenter: { id: 'TURN' } };
    const told = { ...work([row('J-1', { machine: planned })], [job('J-1')]), machines: [machine] };
    const machines = (...done: Since[]) => tasksOf(told, done, me)[0]?.machine;
    const begun = (machineId?: string) => since({ kind: 'start', ...on('J-1'), phase: 'RUN', machineId });

    it('is where it was begun, paused and called for help', () => {
      expect(machines(begun('L2'))).toMatchObject(other);
      expect(machines(begun('L2'), since({ kind: 'pause', ...on('J-1'), reason: 'Break' }))).toMatchObject(other);
      expect(machines(begun('L2'), since({ kind: 'call', ...on('J-1'), reason: 'Jam' }))).toMatchObject(other);
      expect(machines(begun('L1'))).toEqual(planned);
      expect(machines(begun())).toBeUndefined();
      // One that is not known here has its identity at the least.
      expect(machines(begun('L9'))?.id).toBe('L9');
    });

    it('is where others have begun it', () => {
      expect(machines(since({ kind: 'start', ...on('J-1'), phase: 'RUN', machineId: 'L2' }, 'ben'))).toMatchObject(other);
      const ben = {
        operator: { id: 'ben', code: 'ben', name: null },
        machine: other,
        phase: 'RUN' as const,
        since: '2026-11-23T10:00:00Z',
      };
      expect(taskOf(job('J-1', { status: 'RUNNING', atWork: [ben] }), row('J-1', { machine: planned }), 10, me).machine).toEqual(other);
    });

    it('is as it was chosen on the screen, until somebody is at work', () => {
      const tasks = tasksOf(told, [], me);
      const [task] = tasks;
      if (task === undefined) throw new Error('there is one');
      expect(taskAt(task.key, tasks, { ...task, machine: other })?.machine).toEqual(other);
      expect(taskAt(task.key, tasks, { ...task, machine: undefined })?.machine).toBeUndefined();
      expect(taskAt(task.key, tasks, { ...task, key: 'another', machine: other })?.machine).toEqual(planned);
      expect(taskAt(task.key, tasksOf(told, [begun('L1')], me), { ...task, machine: other })?.machine).toEqual(planned);
      expect(taskAt('not listed', tasks, { ...task, key: 'not listed' })?.key).toBe('not listed');
    });

    it('is kept for who goes on', () => {
      const paused = leftAfter([], { kind: 'pause', ...on('J-1'), reason: 'Break', machineId: 'L2' });
      expect(paused).toEqual([{ ...on('J-1'), machineId: 'L2' }]);
      const called = leftAfter([], { kind: 'call', ...on('J-1'), reason: 'Jam', machineId: 'L2' });
      expect(leftAfter(called, { kind: 'solve', ...on('J-1') })).toEqual(paused);
    });
  });

  it('knows of machines that were stopped here', () => {
    const told = work([], []);
    const stop = since({ kind: 'machine', machineId: 'M', machine: 'Mill', status: 'DOWN', reason: 'jam' });
    expect(machinesOf(told, [stop]).map(({ status, reason }) => [status, reason])).toEqual([['DOWN', 'jam']]);
  });
});
