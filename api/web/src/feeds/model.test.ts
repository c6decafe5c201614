import { expect, test } from 'vitest';
import { type Feed, feedsOf, nameOf, wishOf } from './model';

const feed = (id: string, whose: Partial<Feed>): Feed => ({
  id,
  machine: null,
  operator: null,
  withCustomers: false,
  madeBy: 'me',
  made: '2026-11-23T08:00:00Z',
  ...whose,
});
const lathe = { machine: { id: '1', code: 'LATHE-1' } };
const anu = { operator: { id: '1', name: 'Anu Mets' } };

test('a machine and a person of the same id have each their own feeds', () => {
  const all = [
    feed('a', { machine: { id: '1' } }),
    feed('b', { operator: { id: '1' } }),
    feed('c', { machine: { id: '2' } }),
    feed('d', {}),
  ];
  expect(feedsOf(all, lathe).map(({ id }) => id)).toEqual(['a']);
  expect(feedsOf(all, anu).map(({ id }) => id)).toEqual(['b']);
});

test('a feed is asked for of one thing, by its identity', () => {
  expect(wishOf(lathe, true)).toEqual({ of: { machine: { machineId: '1' } }, withCustomers: true });
  expect(wishOf(anu, false)).toEqual({ of: { operator: { operatorId: '1' } }, withCustomers: false });
  expect([nameOf(lathe), nameOf(anu)]).toEqual(['LATHE-1', 'Anu Mets']);
});
