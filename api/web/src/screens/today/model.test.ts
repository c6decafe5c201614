import { describe, expect, it } from 'vitest';
import type { PlannedFragment, TodayJobFragment, TodayMachineFragment } from '../../api/generated/today';
import { atRisk, loads, machinesBy, shareOf, withJob, withRows } from './model';

const at = (hour: number, day = 23) => new Date(Date.UTC(2026, 10, day, hour)).toISOString();
const mill = { id: 'mill', code: 'MILL', name: 'Milling' };
const turn = { id: 'turn', code: 'TURN', name: 'Turning' };

function bar(job: string, center: string, start: number, end: number, more: object = {}): PlannedFragment['bars'][number] {
  const plain = { operation: 10, over: false, late: false, due: at(12, 24), jobStatus: 'SCHEDULED' as const };
  return { job: { id: job, code: job, name: null }, workCenter: { id: center }, start: at(start), end: at(end), ...plain, ...more };
}

const board: PlannedFragment = {
  lanes: [
    { machine: { id: 'm1', workCenter: mill }, open: [{ start: at(0), end: at(10) }] },
    { machine: { id: 'm2', workCenter: mill }, open: [{ start: at(6), end: at(10) }] },
    { machine: { id: 't1', workCenter: turn }, open: [] },
  ],
  bars: [
    bar('a', 'mill', 4, 9),
    bar('b', 'mill', 6, 7, { over: true }),
    bar('c', 'turn', 8, 20, { late: true, due: at(18) }),
    bar('d', 'elsewhere', 6, 8),
  ],
};

describe('load', () => {
  it('is what is planned of the open time that is left', () => {
    const [first, second] = loads(board, Date.parse(at(6)), Date.parse(at(18)));
    expect(first).toMatchObject({ code: 'MILL', plannedSeconds: 3 * 3600, openSeconds: 8 * 3600 });
    expect(first && shareOf(first)).toBe(3 / 8);
    expect(second).toMatchObject({ code: 'TURN', plannedSeconds: 10 * 3600, openSeconds: 0 });
  });

  it('is unknown where nothing is open', () => {
    const turning = loads(board, Date.parse(at(6)), Date.parse(at(18))).find(({ code }) => code === 'TURN');
    expect(turning && shareOf(turning)).toBeUndefined();
  });
});

describe('at risk', () => {
  const now = Date.parse(at(6));

  it('is a job that ends after its date, once, by its last operation', () => {
    const more = { ...board, bars: [...board.bars, bar('c', 'mill', 20, 23, { late: true, due: at(18) })] };
    expect(atRisk(more, now)).toEqual([{ id: 'c', number: 'c', product: null, due: at(18), end: at(23), status: 'SCHEDULED' }]);
  });

  it('is not what is late already, nor what is over', () => {
    const bars = [bar('x', 'mill', 7, 8, { late: true, due: at(5) }), bar('y', 'mill', 7, 8, { late: true, over: true, due: at(7) })];
    expect(atRisk({ ...board, bars }, now)).toEqual([]);
  });
});

it('a job that has become late takes its place, and leaves it when it is no more', () => {
  const job = (id: string, due: string, late = true): TodayJobFragment => ({
    id,
    number: id,
    product: null,
    customer: null,
    due,
    late,
    status: 'RUNNING',
    reason: null,
  });
  const late = [job('a', at(5)), job('b', at(9))];
  expect(withJob(late, job('c', at(7))).map(({ id }) => id)).toEqual(['a', 'c', 'b']);
  expect(withJob(late, job('a', at(30), false)).map(({ id }) => id)).toEqual(['b']);
});

it('rows that have changed stay in their places, and new ones come last', () => {
  const rows = [
    { id: 'a', n: 1 },
    { id: 'b', n: 1 },
  ];
  expect(
    withRows(rows, [
      { id: 'b', n: 2 },
      { id: 'c', n: 1 },
    ]),
  ).toEqual([
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
    { id: 'c', n: 1 },
  ]);
});

it('a machine that is down is stopped even while somebody is at work on it', () => {
  const machine = (id: string, status: TodayMachineFragment['status'], busy = false): TodayMachineFragment => ({
    id,
    code: id,
    name: id,
    status,
    reason: null,
    since: at(1),
    workCenter: mill,
    atWork: busy ? [{ job: { id: 'a', code: 'a' }, operation: 10, operator: { code: '17', name: null }, phase: 'RUN', since: at(2) }] : [],
  });
  const { inUse, stopped, busy, free } = machinesBy([
    machine('a', 'DOWN', true),
    machine('b', 'AVAILABLE', true),
    machine('c', 'AVAILABLE'),
    machine('d', 'RETIRED'),
  ]);
  expect([inUse, stopped, busy, free].map((some) => some.map(({ id }) => id))).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
});
