import { expect, it } from 'vitest';
import type { Job } from './data';
import { bench, jobOf } from './fake';
import { tellWork } from './work';

const operation: Job['operations'][number] = {
  number: 10,
  name: 'Turn',
  workCenter: { id: 'TURN', code: 'TURN', name: 'Turning' },
  status: 'PAUSED',
  good: '0',
  scrap: '0',
  atWork: [],
  andon: null,
  plan: null,
};

it('one goes on at the machine where one was, in the plan and beside it', async () => {
  const { clock, server } = bench();
  const machine = { id: 'L2', code: 'L2', name: 'Lathe 2', status: 'AVAILABLE' as const, reason: null, workCenter: { id: 'TURN' } };
  Object.assign(server, { session: 'otto', queue: ['J-1', 'J-3'], machines: [machine] });
  for (const number of ['J-1', 'J-2', 'J-3']) server.jobs[number] = { ...jobOf(number), operations: [operation] };
  const left = ['J-1', 'J-2'].map((job) => ({ jobId: `id of ${job}`, job, operation: 10, machineId: 'L2' }));
  const told = await tellWork(
    { clock, door: server },
    { operatorId: 'otto', before: {}, isStale: () => false, also: [], left, minPosition: undefined },
  );
  expect(told.rows.map((row) => [row.job.code, row.machine?.name])).toEqual([
    ['J-1', 'Lathe 2'],
    ['J-3', undefined],
    ['J-2', 'Lathe 2'],
  ]);
});
