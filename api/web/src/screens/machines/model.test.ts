import { describe, expect, it } from 'vitest';
import { type Center, cellOf, changeoversOf, floorOf, isTime, type Machine, tableOf, withFamily, withRows } from './model';

const center = (code: string, area: string | null): Center => ({
  id: code,
  code,
  name: code,
  area,
  waitingOperations: 0,
  runningOperations: 0,
  calendar: null,
});
const machine = (code: string, of: string): Machine => ({
  id: code,
  code,
  name: code,
  status: 'AVAILABLE',
  reason: null,
  since: '2026-11-23T10:00:00Z',
  capacity: 1,
  speedPercent: 100,
  hourlyCost: null,
  calendar: null,
  workCenter: { id: of, code: of, name: of },
  atWork: [],
});

it('the floor is areas, work centers and machines, by their names and numbers', () => {
  const floor = floorOf(
    [center('TURN', 'Hall 2'), center('SAW', null), center('MILL', 'Hall 1')],
    [machine('M-10', 'MILL'), machine('M-9', 'MILL')],
  );
  expect(floor.map(({ name, centers }) => [name, centers.map((one) => [one.center.code, one.machines.map(({ code }) => code)])])).toEqual([
    ['Hall 1', [['MILL', ['M-9', 'M-10']]]],
    ['Hall 2', [['TURN', []]]],
    [null, [['SAW', []]]],
  ]);
});

it('news take their places, what is new comes too', () => {
  expect(
    withRows(
      [
        { id: 'a', n: 1 },
        { id: 'b', n: 1 },
      ],
      [
        { id: 'b', n: 2 },
        { id: 'c', n: 2 },
      ],
    ),
  ).toEqual([
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
    { id: 'c', n: 2 },
  ]);
});

describe('a table of changeovers', () => {
  const said = {
    defaultSeconds: 1_800,
    table: [
      { from: 'STEEL', to: 'BRASS', seconds: 3_600 },
      { from: 'BRASS', to: 'STEEL', seconds: 90 },
    ],
  };

  it('is typed in minutes and goes back as it came', () => {
    const table = tableOf(said);
    expect(table).toEqual({
      families: ['BRASS', 'STEEL'],
      minutes: { [cellOf('STEEL', 'BRASS')]: '60', [cellOf('BRASS', 'STEEL')]: '1.5' },
      usual: '30',
    });
    const back = changeoversOf(table);
    expect(back.defaultSeconds).toBe(1_800);
    expect(back.changeovers).toEqual(expect.arrayContaining(said.table));
    expect(back.changeovers).toHaveLength(2);
  });

  it('names a family once, and keeps one that has nothing of its own', () => {
    const table = withFamily(withFamily(tableOf(said), 'ALU'), 'ALU');
    expect(table.families).toEqual(['ALU', 'BRASS', 'STEEL']);
    expect(changeoversOf(table).changeovers).toContainEqual({ from: 'ALU', to: 'BRASS', seconds: 1_800 });
    expect(withFamily(table, '').families).toHaveLength(3);
  });

  it('is empty where nothing was said', () => {
    expect(changeoversOf(tableOf(null))).toEqual({ changeovers: [], defaultSeconds: 0 });
  });

  it('knows what is no time', () => {
    expect(['', '1,5', '20', '-1', 'long'].map(isTime)).toEqual([true, true, true, false, false]);
  });
});
