import { describe, expect, it } from 'vitest';
import { BAR, Layout, stack } from './layout';
import { uncovered } from './paint';
import { barOf, laneOf, MONDAY, sampleShop } from './sample';
import { HOUR, MINUTE, type View } from './types';

const view: View = { from: MONDAY, msPerPx: MINUTE, scrollY: 0 };
const at = (hours: number) => MONDAY + hours * HOUR;

describe('bars of a lane are stacked where they overlap', () => {
  it('what follows shares a row, what overlaps does not', () => {
    const rows = stack([barOf('1', 10, 'A', at(0), 2), barOf('2', 10, 'A', at(2), 2), barOf('3', 10, 'A', at(1), 2)]);
    expect(rows.map(({ bars }) => bars.map(({ job }) => job))).toEqual([['1', '2'], ['3']]);
  });

  it('no bar is lost however many overlap', () => {
    const rows = stack(Array.from({ length: 50 }, (_, job) => barOf(String(job), 10, 'A', at(1), 1)));
    expect(rows.flatMap(({ bars }) => bars)).toHaveLength(50);
    expect(rows.length).toBeLessThanOrEqual(8);
  });

  it('no two bars of a made-up shop are drawn over each other', () => {
    const { lanes, bars } = sampleShop(1_000);
    const layout = laid(lanes, bars);
    for (const { rows } of layout.lanes) {
      for (const { bars: row } of rows) {
        for (const [index, bar] of row.entries()) expect(bar.start).toBeGreaterThanOrEqual(row[index - 1]?.end ?? 0);
      }
    }
  });

  it('a lane that grows pushes those below it, one that does not leaves them', () => {
    const [first, second] = [barOf('1', 10, 'A', at(0), 2), barOf('2', 10, 'A', at(1), 2)];
    const layout = laid([laneOf('A'), laneOf('B')], [first]);
    const top = layout.lane('B')?.top ?? 0;
    expect(layout.restack('A', [first, barOf('3', 10, 'A', at(5), 1)])).toBe(false);
    expect(layout.restack('A', [first, second])).toBe(true);
    expect(layout.lane('B')?.top).toBeGreaterThan(top);
  });
});

describe('the hit map', () => {
  const { lanes, bars } = sampleShop(2_000);
  const layout = laid(lanes, bars);

  it('finds every bar at its middle', () => {
    for (const bar of bars) {
      const box = layout.boxOf(bar, view);
      expect(box && layout.hit(box.x + box.width / 2, box.y + box.height / 2, view)?.key).toBe(bar.key);
    }
  });

  it('finds in a rectangle what looking at each of them finds', () => {
    for (const box of [
      { x: 400, y: 0, width: 300, height: 200 },
      { x: 0, y: 90, width: 5_000, height: 30 },
      { x: 1_000, y: 333, width: 1, height: 1 },
    ]) {
      const slow = bars.filter((bar) => {
        const one = layout.boxOf(bar, view);
        return one && one.x <= box.x + box.width && one.x + one.width >= box.x && one.y <= box.y + box.height && one.y + BAR >= box.y;
      });
      const found = layout.within(box, view).map(({ key }) => key);
      expect(found.toSorted()).toEqual(slow.map(({ key }) => key).toSorted());
    }
  });

  it('finds nothing on the ground, above or below the lanes', () => {
    expect(layout.hit(-5_000, 20, view)).toBeUndefined();
    expect(layout.hit(400, -20, view)).toBeUndefined();
    expect(layout.hit(400, layout.height + 20, view)).toBeUndefined();
  });

  it('has no place for what has left its lane', () => {
    const [first, second] = [barOf('1', 10, 'A', at(0), 2), barOf('2', 10, 'A', at(1), 2)];
    const small = laid([laneOf('A')], [first, second]);
    small.restack('A', [second]);
    expect(small.boxOf(first, view)).toBeUndefined();
    expect(small.boxOf(second, view)).toEqual({ x: 60, y: 8, width: 120, height: BAR });
  });

  it('knows where it has scrolled to', () => {
    const bar = bars.find(({ lane }) => lane === 'M9');
    const scrolled = { ...view, scrollY: 200 };
    const box = bar && layout.boxOf(bar, scrolled);
    expect(box && layout.hit(box.x + 3, box.y + 3, scrolled)?.key).toBe(bar?.key);
  });
});

it('a shift uncovers two stripes at most, a jump everything', () => {
  expect(uncovered(10, 0, 100, 50)).toEqual([{ x: 0, y: 0, width: 10, height: 50 }]);
  expect(uncovered(-10, 5, 100, 50)).toEqual([
    { x: 90, y: 0, width: 10, height: 50 },
    { x: 0, y: 0, width: 100, height: 5 },
  ]);
  expect(uncovered(200, 0, 100, 50)).toEqual([{ x: 0, y: 0, width: 100, height: 50 }]);
});

function laid(lanes: Parameters<Layout['set']>[0], bars: ReturnType<typeof barOf>[]): Layout {
  const layout = new Layout();
  layout.set(lanes, (lane) => bars.filter((bar) => bar.lane === lane));
  return layout;
}
