import { describe, expect, it } from 'vitest';
import type { WallCenterFragment, WallMachineFragment } from '../../api/generated/wall';
import { gridOf, isTimeToRenew, nextOf, pageAt, pagesOf, shownSince, shownStatus } from './model';
import { readSearch } from './route';

const centers: WallCenterFragment[] = [
  { id: 'turn', code: 'TURN', name: 'Turning', area: 'Hall 1' },
  { id: 'mill', code: 'MILL', name: 'Milling', area: 'Hall 1' },
  { id: 'pack', code: 'PACK', name: 'Packing', area: null },
];
const machine = (code: string, center = 'turn', more: Partial<WallMachineFragment> = {}): WallMachineFragment => ({
  id: code,
  code,
  name: code,
  status: 'AVAILABLE',
  reason: null,
  since: '2026-11-23T06:00:00Z',
  workCenter: { id: center },
  atWork: [],
  ...more,
});
const work = (phase: 'RUN' | 'SETUP') => [{ job: { id: 'j', code: '4182' }, operation: 10, phase, since: '2026-11-23T08:00:00Z' }];

const read = (pages: ReturnType<typeof pagesOf>) =>
  pages.map(({ titles, tiles }) => [titles.join(' + '), tiles.map(({ machine: { code } }) => code).join()]);

describe('pages', () => {
  const all = [machine('P', 'pack'), machine('B', 'mill'), machine('A'), machine('X', 'turn', { status: 'RETIRED' })];

  it('are the areas, and the work centers that are in none, and what is out of use is on no page', () => {
    expect(read(pagesOf(all, centers, [], 2))).toEqual([
      ['Hall 1', 'A,B'],
      ['Packing', 'P'],
    ]);
  });

  it('are shared by small areas, each machine with the name of its own', () => {
    const [page] = pagesOf(all, centers);
    expect([page?.titles, page?.tiles.map(({ area }) => area)]).toEqual([
      ['Hall 1', 'Packing'],
      ['Hall 1', 'Hall 1', 'Packing'],
    ]);
  });

  it('are picked by area, work center or its code, in the order that is named', () => {
    expect(read(pagesOf(all, centers, ['packing', 'MILL', 'Hall 9', 'hall 1']))).toEqual([
      ['Packing', 'P'],
      ['Milling', 'B'],
      ['Hall 1', 'A,B'],
    ]);
  });

  it('of a large area are even', () => {
    const many = Array.from({ length: 14 }, (_, at) => machine(`M-${10 + at}`));
    expect(pagesOf(many, centers).map(({ tiles, part }) => [tiles.length, part])).toEqual([
      [7, { number: 1, of: 2 }],
      [7, { number: 2, of: 2 }],
    ]);
  });

  it('go by the clock, and one page stays', () => {
    expect([0, 11_999, 12_000, 24_000].map((now) => pageAt(now, 12, 2))).toEqual([0, 0, 1, 0]);
    expect([pageAt(99_000, 12, 1), pageAt(99_000, 12, 0)]).toEqual([0, 0]);
  });
});

describe('a tile', () => {
  it('says that a machine can not work even while somebody is at it, and since when', () => {
    const down = machine('A', 'turn', { status: 'DOWN', atWork: work('RUN') });
    expect([shownStatus(down), shownSince(down)]).toEqual(['DOWN', '2026-11-23T06:00:00Z']);
    const setup = machine('A', 'turn', { atWork: work('SETUP') });
    expect([shownStatus(setup), shownSince(setup)]).toEqual(['SETUP', '2026-11-23T08:00:00Z']);
    expect(shownStatus(machine('A'))).toBe('AVAILABLE');
  });

  it('names what waits for the machine first', () => {
    const bar = (code: string, start: string, status: 'WAITING' | 'RUNNING' = 'WAITING', over = false) => ({
      job: { id: code, code },
      operation: 10,
      machine: { id: 'A' },
      start: `2026-11-23T${start}:00Z`,
      status,
      over,
    });
    const bars = [bar('1', '08:00', 'RUNNING'), bar('3', '12:00'), bar('2', '10:00'), bar('0', '07:00', 'WAITING', true)];
    expect(nextOf([...bars, { ...bar('9', '06:00'), machine: null }]).get('A')?.job.code).toBe('2');
  });
});

it('tiles are laid out for a wide screen and for a high one', () => {
  expect([1, 2, 4, 6, 9, 12].map((tiles) => gridOf(tiles, 16 / 9))).toEqual([
    { columns: 1, rows: 1 },
    { columns: 2, rows: 1 },
    { columns: 2, rows: 2 },
    { columns: 3, rows: 2 },
    { columns: 3, rows: 3 },
    { columns: 4, rows: 3 },
  ]);
  expect(gridOf(12, 9 / 16)).toEqual({ columns: 2, rows: 6 });
});

it('begins anew once a night, not twice', () => {
  const began = Date.parse('2026-11-22T04:10:00Z');
  const at = (text: string) => Date.parse(text);
  expect(isTimeToRenew(began, at('2026-11-22T04:20:00Z'), 4)).toBe(false);
  expect(isTimeToRenew(began, at('2026-11-23T03:59:00Z'), 3)).toBe(false);
  expect(isTimeToRenew(began, at('2026-11-23T04:00:00Z'), 4)).toBe(true);
});

it('an address that makes no sense shows all pages at their usual pace', () => {
  expect(readSearch({ areas: '  ', every: 'often' })).toEqual({ areas: undefined, every: undefined });
  expect(readSearch({ areas: 1, every: '30' })).toEqual({ areas: '1', every: 30 });
  expect(readSearch({ every: 0.1 })).toEqual({ areas: undefined, every: undefined });
});
