import { describe, expect, it, vi } from 'vitest';
import type { BoardNewsSubscription } from '../../api/generated/board';
import { type Planned, plannedKey, type RawLane } from './data';
import { BoardStore } from './store';

const machine = (id: string) => ({ id, code: id }) as unknown as NonNullable<RawLane['machine']>;
const lane = (id: string) => ({ machine: machine(id), operator: null }) as unknown as RawLane;
const bar = (job: string, on: string, start: string, planVersion = 1) =>
  ({ job: { id: job, code: job }, operation: 10, machine: machine(on), start, planVersion }) as unknown as Planned;
const news = (bars: Planned[], kind = 'CHANGE') =>
  ({ kind, bars, gone: [], machines: [], lanesChanged: false }) as unknown as BoardNewsSubscription['boardChanged'];

const time = { start: 0, end: 1 };
const answer = (start: string, isPart = false) => ({ lanes: [lane('M-1')], bars: [bar('a', 'M-1', start)], position: '1', isPart, time });
function loaded(isPart = false): BoardStore {
  const store = new BoardStore();
  store.load(answer('08:00', isPart));
  return store;
}
const startOf = (store: BoardStore, job: string) => store.bars.get(plannedKey(bar(job, '', '')))?.start;

describe('a move that is not answered yet', () => {
  it('is where it was told to be once it is not done, also where that is news of meanwhile', () => {
    const store = loaded();
    store.expect([bar('a', 'M-1', '09:00')]);
    expect(startOf(store, 'a')).toBe('09:00');
    store.settle(['a:10']);
    expect(startOf(store, 'a')).toBe('08:00');
    store.expect([bar('a', 'M-1', '09:00')]);
    store.hear(news([bar('a', 'M-1', '11:00')]));
    store.settle(['a:10']);
    expect(startOf(store, 'a')).toBe('11:00');
  });

  it('stays where it was dropped while the window is loaded anew', () => {
    const store = loaded();
    store.expect([bar('a', 'M-1', '09:00')]);
    store.load(answer('08:00'));
    expect(startOf(store, 'a')).toBe('09:00');
    store.settle(['a:10']);
    expect(startOf(store, 'a')).toBe('08:00');
  });

  it('that is done is shown until the news of it are here, and not put back by older ones', () => {
    const store = loaded();
    store.expect([bar('a', 'M-1', '09:00')]);
    store.settle(['a:10'], 7);
    expect(startOf(store, 'a')).toBe('09:00');
    store.hear(news([bar('a', 'M-1', '08:00', 6)]));
    expect(startOf(store, 'a')).toBe('09:00');
    store.hear(news([bar('a', 'M-1', '09:30', 7)]));
    expect(startOf(store, 'a')).toBe('09:30');
    store.hear(news([bar('a', 'M-1', '10:00', 8)]));
    expect(startOf(store, 'a')).toBe('10:00');
  });

  it('whose news came before its answer is where they say', () => {
    const store = loaded();
    store.expect([bar('a', 'M-1', '09:00')]);
    store.hear(news([bar('a', 'M-1', '09:30', 7)]));
    store.settle(['a:10'], 7);
    expect(startOf(store, 'a')).toBe('09:30');
  });

  it('goes with what was taken out of the plan', () => {
    const store = loaded();
    store.expect([bar('a', 'M-1', '09:00')]);
    store.hear({ ...news([]), gone: [{ jobId: 'a', operation: 10 }] });
    expect(store.bars.size).toBe(0);
  });

  it('of what had no place leaves the board again', () => {
    const store = loaded();
    store.expect([bar('new', 'M-1', '09:00')]);
    store.settle(['new:10']);
    expect(startOf(store, 'new')).toBeUndefined();
  });
});

it('news of a machine are those of its lane: no bar is made anew', () => {
  const store = loaded();
  const told = vi.fn();
  store.watch(told);
  const stopped = { ...machine('M-1'), status: 'DOWN' } as const;
  store.hear({ ...news([]), machines: [stopped] });
  expect(told.mock.calls).toEqual([[{ bars: [], gone: [], lanes: [expect.objectContaining({ machine: stopped })] }]]);
  store.hear({ ...news([]), machines: [machine('M-9')] });
  expect(told).toHaveBeenCalledTimes(1);
});

describe('a board of one work center', () => {
  it('takes in nothing of others, and lets go of what moves to them', () => {
    const store = loaded(true);
    store.hear(news([bar('foreign', 'M-9', '08:00')]));
    store.hear(news([bar('foreign', 'M-9', '08:00')], 'SNAPSHOT'));
    expect([...store.bars.keys()]).toEqual([]);
    store.hear(news([bar('a', 'M-1', '08:00')]));
    expect(startOf(store, 'a')).toBe('08:00');
    store.hear(news([bar('a', 'M-9', '08:00')]));
    expect(store.bars.size).toBe(0);
  });

  it('while a board of all takes in all', () => {
    const store = loaded();
    store.hear(news([bar('other', 'M-9', '08:00')]));
    expect(startOf(store, 'other')).toBe('08:00');
  });
});
