import { describe, expect, it } from 'vitest';
import { Zone } from '../time/zone';
import { snap, snapStep, ticks, timeAt, xOf, zoomAt } from './scale';
import { DAY, HOUR, MINUTE } from './types';

const tallinn = new Zone('Europe/Tallinn');
// On 29 March 2026 03:00 becomes 04:00; on 25 October 04:00 becomes 03:00 again.
const spring = Date.parse('2026-03-29T00:00:00+02:00');
const autumn = Date.parse('2026-10-25T00:00:00+03:00');
const view = (from: number, msPerPx: number) => ({ from, msPerPx, scrollY: 0 });

describe('a time has its place, and a place its time', () => {
  it('what is under the cursor stays there when it zooms', () => {
    const before = view(spring, MINUTE);
    const under = timeAt(before, 300);
    for (const factor of [0.3, 0.9, 1.1, 4, 1e9, 1e-9]) expect(xOf(zoomAt(before, 300, factor, 1_000), under)).toBeCloseTo(300, 3);
  });

  it('days on which the clocks change have 23 and 25 hours', () => {
    expect((tallinn.addDays(spring, 1) - spring) / HOUR).toBe(23);
    expect((tallinn.addDays(autumn, 1) - autumn) / HOUR).toBe(25);
  });

  it('the day of an instant begins at its midnight in the company’s zone', () => {
    expect(tallinn.dayStart(Date.parse('2026-03-29T20:59:00Z'))).toBe(spring);
    expect(tallinn.dayStart(Date.parse('2026-10-25T21:59:00Z'))).toBe(autumn);
    expect(new Zone('Asia/Kathmandu').dayStart(Date.parse('2026-03-02T18:14:00Z'))).toBe(Date.parse('2026-03-01T18:15:00Z'));
  });

  it('marks of hours follow the wall: 03:00 is left out in spring', () => {
    const said = ticks(view(spring, 1.5 * MINUTE), 24 * 40, tallinn, 30).map(({ at }) => new Date(tallinn.wall(at)).getUTCHours());
    expect(said).not.toContain(3);
    expect(said.slice(0, 5)).toEqual([0, 1, 2, 4, 5]);
  });

  it('from hours to months marks keep their distance', () => {
    for (const msPerPx of [MINUTE / 12, MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, 4 * HOUR]) {
      const at = ticks(view(spring, msPerPx), 1_400, tallinn).map((tick) => xOf(view(spring, msPerPx), tick.at));
      expect(at.length, `${msPerPx}`).toBeGreaterThan(2);
      for (const [index, x] of at.entries()) if (index > 0) expect(x - (at[index - 1] ?? 0)).toBeGreaterThan(30);
    }
  });
});

describe('what is dragged keeps to the clock', () => {
  it('rounds to marks of the wall on days with 23 and 25 hours', () => {
    for (const day of [spring, autumn]) {
      for (let at = day; at < day + 26 * HOUR; at += 7 * MINUTE) {
        for (const step of [5, 15, 30, 60].map((minutes) => minutes * MINUTE)) {
          const rounded = tallinn.round(at, step);
          expect(tallinn.wall(rounded) % step).toBe(0);
          expect(Math.abs(rounded - at), new Date(at).toISOString()).toBeLessThanOrEqual(step);
        }
      }
    }
  });

  it('the hour that comes twice has its marks twice', () => {
    const second = Date.parse('2026-10-25T03:29:00+02:00');
    expect(tallinn.round(second, 15 * MINUTE)).toBe(Date.parse('2026-10-25T03:30:00+02:00'));
    expect(tallinn.round(second - HOUR, 15 * MINUTE)).toBe(Date.parse('2026-10-25T03:30:00+03:00'));
  });

  it('a day on is the same time of the clock', () => {
    const eight = Date.parse('2026-03-28T08:00:00+02:00');
    expect(tallinn.addDays(eight, 1)).toBe(Date.parse('2026-03-29T08:00:00+03:00'));
  });

  it('an edge nearby goes before the clock', () => {
    const at = spring + 8 * HOUR + 3 * MINUTE;
    const edge = spring + 8 * HOUR + 7 * MINUTE;
    expect(snap(at, [edge], view(spring, MINUTE), tallinn)).toBe(edge);
    expect(snap(at, [edge + HOUR], view(spring, MINUTE), tallinn)).toBe(spring + 8 * HOUR);
  });

  it('steps grow as one zooms out', () => {
    expect([2_000, MINUTE, 5 * MINUTE, HOUR].map((msPerPx) => snapStep(msPerPx) / MINUTE)).toEqual([1, 15, 30, 360]);
    expect(snapStep(8 * HOUR)).toBe(DAY);
  });
});
