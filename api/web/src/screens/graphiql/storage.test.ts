import { beforeEach, expect, it } from 'vitest';
import { mayKeepOnDevice } from '../../app/kept';
import { storageOf } from './storage';

const otto = { tenantId: 'acme', actorId: 'otto' };
const ben = { tenantId: 'acme', actorId: 'ben' };

beforeEach(() => {
  mayKeepOnDevice(false, otto);
  sessionStorage.clear();
  localStorage.clear();
});

it('what was asked in GraphiQL is kept for the tab, and on the device only with agreement', () => {
  storageOf(otto).setItem('graphiql:queries', 'one');
  expect([storageOf(otto).getItem('graphiql:queries'), localStorage.length]).toEqual(['one', 0]);
  mayKeepOnDevice(true, otto);
  sessionStorage.clear();
  expect(storageOf(otto).getItem('graphiql:queries')).toBe('one');
  mayKeepOnDevice(false, otto);
  expect([storageOf(otto).getItem('graphiql:queries'), localStorage.length]).toEqual([null, 0]);
});

it('nobody sees what somebody else has asked in the same browser', () => {
  mayKeepOnDevice(true, otto);
  storageOf(otto).setItem('graphiql:queries', 'one');
  expect([storageOf(ben).getItem('graphiql:queries'), storageOf(ben).length]).toEqual([null, 0]);
});

it('names are taken away one by one and all at once', () => {
  const storage = storageOf(otto);
  storage.setItem('one', '1');
  storage.setItem('two', '2');
  storage.removeItem('one');
  expect([storage.length, storage.getItem('one'), storage.getItem('two')]).toEqual([1, null, '2']);
  storage.clear();
  expect(storage.length).toBe(0);
});

it('what cannot be read is as if nothing were there', () => {
  sessionStorage.setItem('kilter-graphiql-acme-otto', '{"one": 1, "two"');
  expect(storageOf(otto).length).toBe(0);
  sessionStorage.setItem('kilter-graphiql-acme-otto', '{"one": 1, "two": "2"}');
  expect([storageOf(otto).getItem('one'), storageOf(otto).getItem('two')]).toEqual([null, '2']);
});
