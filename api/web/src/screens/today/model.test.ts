import { describe, expect, it } from 'vitest';
import type { PlannedFragment, TodayJobFragment, TodayLoadFragment, TodayMachineFragment } from '../../api/generated/today';
import { atRisk, beside, isEmpty, loads, machinesBy, shareOf, withJob, withRows } from './model';

const at = (hour: number, day = 23) => new Date(Date.UTC(2026, 10, day, hour)).toISOString();
const mill = { id: 'mill', code: 'MILL', name: 'Milling' };
const turn = { id: 'turn', code: 'TURN', name: null };

const bar = (job: string, end: number, more: object = {}): PlannedFragment => {
  const plain = { operation: 10, over: false, late: false, due: at(12, 24), jobStatus: 'SCHEDULED' as const };
  return { job: { id: job, code: job, name: null }, end: at(end), ...plain, ...more };
};

const span = (date: string, openHours: number, setupHours: number, runHours: number) => ({
  date: `2026-11-${date}`,
  openSeconds: openHours * 3600,
  setupSeconds: setupHours * 3600,
  runSeconds: runHours * 3600,
});
const lanes: TodayLoadFragment[] = [
  { workCenter: turn, hoursKnown: true, spans: [span('23', 8, 1, 3), span('24', 8, 0, 0)] },
  { workCenter: mill, hoursKnown: true, spans: [span('23', 8, 1, 1), span('24', 8, 0, 16)] },
  { workCenter: { id: 'lab', code: 'LAB', name: 'Lab' }, hoursKnown: false, spans: [span('23', 0, 0, 2)] },
];

describe('a company', () => {
  const machine: TodayMachineFragment = {
    id: '1',
    code: 'M',
    name: 'Mill',
    status: 'AVAILABLE',
    reason: null,
    since: at(8),
    workCenter: mill,
    atWork: [],
  };
  const floor = (...machines: TodayMachineFragment[]) => ({ machines: { position: '1', edges: machines.map((node) => ({ node })) } });

  it('is empty without jobs and machines, once both are known', () => {
    expect(isEmpty({ all: { totalCount: 0 } }, floor())).toBe(true);
    expect(isEmpty({ all: { totalCount: 1 } }, floor())).toBe(false);
    expect(isEmpty({ all: { totalCount: 0 } }, floor(machine))).toBe(false);
    expect(isEmpty(undefined, floor())).toBe(false);
    expect(isEmpty({ all: { totalCount: 0 } }, undefined)).toBe(false);
  });
});

describe('load', () => {
  it('is what is planned of the open time of a day, the fullest first', () => {
    const today = loads(lanes, (date) => date === '2026-11-23');
    expect(today.map((load) => [load.code, shareOf(load)])).toEqual([
      ['TURN', 0.5],
      ['MILL', 0.25],
      ['LAB', undefined],
    ]);
    expect(today[0]?.name).toBe('TURN');
  });

  it('of many days says which work center is the narrowest', () => {
    const [narrowest] = loads(lanes, () => true);
    expect(narrowest).toMatchObject({ code: 'MILL', plannedSeconds: 18 * 3600, openSeconds: 16 * 3600 });
  });
});

describe('at risk', () => {
  const now = Date.parse(at(6));

  it('is a job that ends after its date, once, by its last operation', () => {
    const bars = [bar('a', 9), bar('c', 20, { late: true, due: at(18) }), bar('c', 23, { late: true, due: at(18) })];
    expect(atRisk(bars, now)).toEqual([{ id: 'c', number: 'c', product: null, due: at(18), end: at(23), status: 'SCHEDULED' }]);
  });

  it('is not what is late already, nor what is over', () => {
    expect(atRisk([bar('x', 8, { late: true, due: at(5) }), bar('y', 8, { late: true, over: true, due: at(7) })], now)).toEqual([]);
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

it('what was begun on a stopped machine or on none is not kept back where no machine runs', () => {
  const work = (operation: number, code = '17') => ({
    job: { id: 'a', code: 'a' },
    operation,
    operator: { code, name: null },
    phase: 'RUN' as const,
    since: at(2),
  });
  const machine = { id: '1', code: 'M-1', name: 'Mill', status: 'DOWN' as const, reason: null, since: at(1), workCenter: mill };
  const floor = (atWork: TodayMachineFragment['atWork'], runningOperations: number) => ({
    machines: { position: '1', edges: [{ node: { ...machine, atWork } }] },
    workCenters: { edges: [{ node: { ...mill, waitingOperations: 0, runningOperations } }] },
  });
  expect(beside(floor([work(10)], 1))).toEqual({ stands: 1, withoutMachine: 0 });
  // Two at one operation are one operation.
  expect(beside(floor([work(10), work(10, '18')], 3))).toEqual({ stands: 1, withoutMachine: 2 });
  expect(beside(floor([], 0))).toEqual({ stands: 0, withoutMachine: 0 });
  expect(beside(floor([work(10)], 0))).toEqual({ stands: 1, withoutMachine: 0 });
});
