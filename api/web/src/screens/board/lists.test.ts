import { expect, test } from 'vitest';
import { allPages } from './all-pages';
import type { Planned } from './data';
import { readSearch } from './route';
import { BoardStore } from './store';
import { rowsOf } from './TableView';
import { inCenter, type Unplanned } from './useUnplanned';
import { split } from './WhatIfTabs';

test('all pages of a list are read, one after the other', async () => {
  const asked: (string | undefined)[] = [];
  const rows = await allPages((after) => {
    asked.push(after);
    const at = Number(after ?? 0);
    return Promise.resolve({
      edges: [{ node: at }, { node: at + 1 }],
      pageInfo: { hasNextPage: at < 4, endCursor: String(at + 2) },
    });
  });
  expect(rows).toEqual([0, 1, 2, 3, 4, 5]);
  expect(asked).toEqual([undefined, '2', '4']);
});

test('of fifty what-ifs each can be chosen: the newest and the chosen one have tabs, the others are in the list', () => {
  const all = Array.from({ length: 50 }, (_, at) => ({ id: `w${at}` }));
  const [tabs, others] = split(all, 'w30');
  expect(tabs.map(({ id }) => id)).toEqual(['w0', 'w1', 'w2', 'w3', 'w4', 'w30']);
  expect(tabs.length + others.length).toBe(50);
  expect(split(all.slice(0, 3), undefined)[1]).toEqual([]);
});

test('the tray of a work center has its operations only, and no job without any', () => {
  const job = (code: string, ...centers: string[]) =>
    ({ job: { code }, operations: centers.map((id, at) => ({ number: at, workCenter: { id } })) }) as unknown as Unplanned;
  const jobs = [job('a', 'MILL', 'TURN'), job('b', 'TURN')];
  expect(inCenter(jobs, 'MILL').map(({ job: { code }, operations }) => [code, operations.map(({ number }) => number)])).toEqual([
    ['a', [0]],
  ]);
  expect(inCenter(jobs, undefined)).toEqual(jobs);
});

test('the table is in the order of lanes and time, whatever offset instants are written with, with what has no machine last', () => {
  const store = new BoardStore();
  const bar = (job: string, code: string | undefined, start: string, end: string) =>
    ({
      job: { id: job },
      operation: 10,
      machine: code && { id: code, code },
      start,
      runStart: start,
      end,
      due: null,
      planVersion: 1,
    }) as unknown as Planned;
  const bars = [
    bar('outside', undefined, '2026-03-02T06:00:00Z', '2026-03-02T07:00:00Z'),
    bar('late', 'M-2', '2026-03-02T09:30:00+02:00', '2026-03-02T10:00:00+02:00'),
    bar('later', 'M-2', '2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z'),
    bar('first', 'M-1', '2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z'),
    bar('before', 'M-1', '2026-03-01T08:00:00Z', '2026-03-02T00:00:00Z'),
  ];
  store.load({ lanes: [], bars, position: '1', isPart: false, time: { start: 0, end: 1 } });
  const seen = { from: Date.parse('2026-03-02T00:00:00Z'), until: Date.parse('2026-03-03T00:00:00Z') };
  expect(rowsOf(store, seen).map(({ job }) => job.id)).toEqual(['first', 'late', 'later', 'outside']);
});

test('the search for a plan, and from where it lays work out, are in the address', () => {
  expect(readSearch({ run: 'r-1', runOf: 'w-1', direction: 'backward', panel: 'auto' })).toMatchObject({
    run: 'r-1',
    runOf: 'w-1',
    direction: 'backward',
    panel: 'auto',
  });
  expect(readSearch({ run: '', direction: 'sideways' })).toMatchObject({ run: undefined, direction: undefined });
});
