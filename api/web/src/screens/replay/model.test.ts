import { expect, it } from 'vitest';
import type { ReplayMachineFragment } from '../../api/generated/replay';
import { cellOf, changedCells, EVERY, instantsOf, readSearch, sumsOf } from './model';

const at = (text: string) => Date.parse(`2026-11-23T${text}:00Z`);
const machine = (
  id: string,
  status: ReplayMachineFragment['status'],
  job?: string,
  phase: 'RUN' | 'SETUP' = 'RUN',
): ReplayMachineFragment => ({
  id,
  code: id,
  status,
  atWork: job === undefined ? [] : [{ job: { code: job }, phase }],
});

it('pictures stand at full steps, and the last is the moment that is looked at', () => {
  const clock = (instants: number[]) => instants.map((instant) => new Date(instant).toISOString().slice(11, 16));
  expect(clock(instantsOf(at('10:42'), EVERY.hour, 3))).toEqual(['09:00', '10:00', '10:42']);
  expect(clock(instantsOf(at('10:00'), EVERY.hour, 3))).toEqual(['08:00', '09:00', '10:00']);
});

it('a minute later the same pictures are asked for', () => {
  expect(instantsOf(at('10:42'), EVERY.quarter).slice(0, -1)).toEqual(instantsOf(at('10:43'), EVERY.quarter).slice(0, -1));
});

it('a machine that is down is stopped even while somebody is at it', () => {
  const machines = [machine('a', 'DOWN', '1'), machine('b', 'AVAILABLE', '2', 'SETUP'), machine('c', 'AVAILABLE'), machine('d', 'RETIRED')];
  expect(machines.map(cellOf)).toEqual(['DOWN', 'SETUP', 'AVAILABLE', 'RETIRED']);
  expect(sumsOf(machines)).toEqual({ all: 3, running: 1, stopped: 1 });
});

it('what has changed since the picture before is marked, also another job on the same machine', () => {
  const before = [machine('a', 'AVAILABLE', '1'), machine('b', 'AVAILABLE'), machine('c', 'DOWN')];
  const now = [machine('a', 'AVAILABLE', '2'), machine('b', 'AVAILABLE'), machine('c', 'AVAILABLE'), machine('d', 'AVAILABLE')];
  expect([...changedCells(before, now)]).toEqual(['a', 'c', 'd']);
  expect(changedCells(undefined, now).size).toBe(0);
});

it('an address that makes no sense shows the usual distance', () => {
  expect([readSearch({ every: 'hour' }), readSearch({ every: 'toString' }), readSearch({ every: 7 })]).toEqual([
    { every: 'hour' },
    { every: undefined },
    { every: undefined },
  ]);
});
