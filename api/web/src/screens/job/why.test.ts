import { expect, it } from 'vitest';
import { shares } from './why';

const nothing = { machine: null, operator: null, tool: null, otherJob: null };
const stretch = (from: number, until: number, cause: 'RUN' | 'MACHINE_BUSY' | 'NO_SHIFT', more: object = {}) => ({
  from: new Date(Date.UTC(2026, 10, 23, from)).toISOString(),
  until: new Date(Date.UTC(2026, 10, 23, until)).toISOString(),
  operation: 10,
  cause,
  ...nothing,
  ...more,
});

it('the time of a job is told by what it went into, the most first', () => {
  const said = shares([
    stretch(0, 2, 'MACHINE_BUSY', { machine: { code: 'M1' }, otherJob: { code: '7' } }),
    stretch(2, 3, 'RUN'),
    stretch(3, 8, 'MACHINE_BUSY', { machine: { code: 'M1' }, otherJob: { code: '9' } }),
    stretch(8, 12, 'NO_SHIFT'),
  ]);
  expect(said).toEqual([
    { cause: 'MACHINE_BUSY', seconds: 7 * 3600, places: ['M1'], jobs: ['9', '7'] },
    { cause: 'NO_SHIFT', seconds: 4 * 3600, places: [], jobs: [] },
    { cause: 'RUN', seconds: 3600, places: [], jobs: [] },
  ]);
});
