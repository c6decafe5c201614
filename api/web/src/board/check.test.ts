import { describe, expect, it } from 'vitest';
import { Zone } from '../time/zone';
import { checkPlaces, endOf, mostAtOnce, openTime, placed } from './check';
import { cellsOf } from './heat';
import { Layout } from './layout';
import { Model } from './model';
import { barOf, laneOf, MONDAY } from './sample';
import { DAY, HOUR } from './types';

const at = (hours: number) => MONDAY + hours * HOUR;
const shift = [0, 1, 2].map((day) => ({ start: at(day * 24 + 6), end: at(day * 24 + 14) }));

function shop(...bars: ReturnType<typeof barOf>[]): Model {
  const model = new Model();
  const down = laneOf('C', { open: shift, state: 'down', group: 'TURN' });
  model.set([laneOf('A', { open: shift, group: 'MILL' }), laneOf('B', { open: shift, capacity: 2, group: 'MILL' }), down], bars);
  return model;
}

/** What is said of a bar that is moved there. */
function said(model: Model, key: string, lane: string, start: number): string[] {
  const bar = model.bar(key);
  if (bar === undefined) throw new Error(`no ${key}`);
  return checkPlaces(model, [placed(model, bar, lane, start)], at(0)).map(({ kind, with: other }) => `${kind} ${other ?? ''}`.trim());
}

describe('before something is dropped the board says what is in the way', () => {
  const model = shop(
    barOf('1', 10, 'A', at(6), 2, { due: at(12), group: 'MILL' }),
    barOf('1', 20, 'B', at(9), 2, { group: 'MILL' }),
    barOf('2', 10, 'A', at(8), 3),
  );

  it('nothing where nothing is', () => expect(said(model, '2:10', 'A', at(11))).toEqual([]));
  it('who is there already', () => expect(said(model, '2:10', 'A', at(7))).toEqual(['overlap 1:10']));
  it('that nobody is at work then', () => expect(said(model, '2:10', 'A', at(15))).toEqual(['closed']));
  it('that it is past', () => expect(said(model, '2:10', 'A', at(-3))).toContain('past'));
  it('the operations of its job that come before and after', () => {
    expect(said(model, '1:10', 'A', at(11))).toContain('order 1:20');
    expect(said(model, '1:20', 'B', at(6))).toEqual(['order 1:10']);
  });
  it('that it comes late, and by how much', () => {
    const bar = model.bar('1:10');
    const place = bar && placed(model, bar, 'A', at(12));
    expect(place && checkPlaces(model, [place], 0).find(({ kind }) => kind === 'late')?.minutes).toBe(120);
  });
  it('a machine that is down or of another work center', () => expect(said(model, '1:10', 'C', at(6))).toEqual(['down', 'machine']));
  it('a lane that takes two takes two', () => {
    expect(said(model, '2:10', 'B', at(9))).toEqual([]);
    model.patch([barOf('3', 10, 'B', at(9), 2)], []);
    expect(said(model, '2:10', 'B', at(9))).toEqual(['overlap 1:20', 'overlap 3:10']);
  });
});

describe('work rests while it is closed', () => {
  it('goes on in the next shift', () => expect(endOf(shift, at(13), 2 * HOUR)).toBe(at(31)));
  it('ends as its shift ends', () => expect(endOf(shift, at(12), 2 * HOUR)).toBe(at(14)));
  it('is as long as ever where the hours are not known', () => expect(endOf(undefined, at(13), 2 * HOUR)).toBe(at(15)));
  it('counts the open part of a time', () => expect(openTime(shift, at(0), at(48)) / HOUR).toBe(16));
});

describe('clashes are known as they come and go', () => {
  it('of a lane that is too full', () => {
    const model = shop(barOf('1', 10, 'A', at(6), 2), barOf('2', 10, 'A', at(7), 2));
    const clash = () => [...model.bars()].filter((bar) => model.clashes(bar)).map(({ job }) => job);
    expect(clash()).toEqual(['1', '2']);
    expect([...model.patch([barOf('2', 10, 'A', at(8), 2)], [])]).toEqual(['A']);
    expect(clash()).toEqual([]);
    model.patch([], ['2:10']);
    expect(model.size).toBe(1);
  });

  it('of an operation that is over before the one before it', () => {
    const model = shop(barOf('1', 10, 'A', at(9), 3), barOf('1', 20, 'B', at(6), 2));
    expect([...model.bars()].filter((bar) => model.clashes(bar)).map(({ key }) => key)).toEqual(['1:20']);
  });

  it('of those that only touch there is none', () => {
    expect(
      mostAtOnce([
        { start: 0, end: 5 },
        { start: 5, end: 9 },
      ]),
    ).toBe(1);
  });
});

it('of time that is not loaded nobody says that it is closed', () => {
  const model = shop(barOf('1', 10, 'A', at(6), 2));
  expect(said(model, '1:10', 'A', at(100))).toContain('closed');
  model.set(model.lanes, [...model.bars()], { start: at(0), end: at(72) });
  expect(said(model, '1:10', 'A', at(100))).not.toContain('closed');
  expect(said(model, '1:10', 'A', at(20))).toContain('closed');
});

it('a lane that takes more at once than before has no clash any more', () => {
  const model = shop(barOf('1', 10, 'A', at(6), 2), barOf('2', 10, 'A', at(7), 2));
  model.setLane(laneOf('A', { open: shift, group: 'MILL', capacity: 2 }));
  expect([...model.bars()].some((bar) => model.clashes(bar))).toBe(false);
  expect(model.lanes.map(({ id, capacity }) => [id, capacity])).toEqual([
    ['A', 2],
    ['B', 2],
    ['C', 1],
  ]);
  model.setLane(laneOf('foreign'));
  expect(model.lane('foreign')).toBeUndefined();
});

it('heat of days that are not all loaded is unknown, not nothing', () => {
  const model = shop(barOf('1', 10, 'A', at(6), 4));
  model.set(model.lanes, [...model.bars()], { start: at(12), end: at(48) });
  const layout = new Layout();
  layout.set(model.lanes, (lane) => model.barsOf(lane));
  const lane = layout.lane('A');
  const cells = lane ? cellsOf(lane, model, MONDAY, MONDAY + 3 * DAY, 1, new Zone('Europe/Tallinn')) : [];
  expect(cells.map(({ load }) => load)).toEqual([undefined, 0, undefined]);
});

it('heat is planned time against open time, day by day, with what clashes', () => {
  const model = shop(barOf('1', 10, 'A', at(6), 4), barOf('2', 10, 'A', at(30), 6), barOf('3', 10, 'A', at(30), 6));
  const layout = new Layout();
  layout.set(model.lanes, (lane) => model.barsOf(lane));
  const lane = layout.lane('A');
  const cells = lane ? cellsOf(lane, model, MONDAY, MONDAY + 4 * DAY, 1, new Zone('Europe/Tallinn')) : [];
  expect(cells.map(({ load, clashes }) => [load, clashes])).toEqual([
    [0.5, 0],
    [1.5, 2],
    [0, 0],
    [0, 0],
  ]);
});
