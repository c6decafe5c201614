import { describe, expect, it } from 'vitest';
import { Zone } from '../time/zone';
import { BUCKETS, beside, following, heights, lineAround, places, played, SPANS, ticks, zoomed } from './model';

const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);
const now = at('23T10:42');
const mark = (text: string) => ({ position: String(at(text)), recordedAt: new Date(at(text)).toISOString() });

describe('the window of the scrubber', () => {
  it('ends with what is newest where that is near, and lies around what is long ago', () => {
    const near = lineAround(at('23T08:00'), SPANS.day, now);
    expect(near.until - now).toBeGreaterThanOrEqual(0);
    expect(near.until - now).toBeLessThan(SPANS.day / BUCKETS);
    const far = lineAround(at('02T08:00'), SPANS.day, now);
    expect(Math.abs((far.from + far.until) / 2 - at('02T08:00'))).toBeLessThan(SPANS.day / BUCKETS);
  });

  it('is the same one for neighbouring instants, so that its counts are asked once', () => {
    expect(lineAround(at('23T08:00'), SPANS.day, now)).toEqual(lineAround(at('23T08:01'), SPANS.day, now));
  });

  it('moves on when what is played leaves it, and else stays', () => {
    const line = lineAround(at('10T08:00'), SPANS.hour, now);
    expect(following(line, at('10T08:10'), now)).toBe(line);
    const next = following(line, at('10T09:00'), now);
    expect(next.from).toBeLessThan(at('10T09:00'));
    expect(next.until).toBeGreaterThan(at('10T09:00'));
  });

  it('zooms around what stays in its place, and not beyond now', () => {
    const line = { from: at('20T00:00'), until: at('21T00:00') };
    const half = zoomed(line, 0.5, at('20T06:00'), now);
    expect((at('20T06:00') - half.from) / (half.until - half.from)).toBeCloseTo(0.25);
    expect(zoomed(line, 100, at('20T06:00'), now).until).toBeLessThanOrEqual(now + (100 * SPANS.day) / BUCKETS);
  });
});

describe('ticks', () => {
  const zone = new Zone('Europe/Tallinn');
  it('stand at full hours of the wall, and days are named at its midnight', () => {
    const made = ticks({ from: at('22T20:10'), until: at('23T04:10') }, zone, 10);
    expect(made.map((tick) => new Date(tick.at).toISOString().slice(11, 16))).toEqual([
      '21:00',
      '22:00',
      '23:00',
      '00:00',
      '01:00',
      '02:00',
      '03:00',
      '04:00',
    ]);
    expect(made.find(({ isDay }) => isDay)?.at).toBe(at('22T22:00'));
  });

  it('are never more than there is room for', () => {
    for (const span of Object.values(SPANS)) expect(ticks({ from: now - span, until: now }, zone, 8).length).toBeLessThanOrEqual(9);
  });
});

describe('marks', () => {
  const marks = [mark('20T08:00'), mark('20T12:00'), mark('20T10:00')];
  it('are gone through in the order of time, past the one at which one stands', () => {
    const stands = (text: string) => ({ at: at(text) });
    expect(beside(marks, stands('20T09:00'), 1)).toEqual(mark('20T10:00'));
    expect(beside(marks, stands('20T10:00'), 1)).toEqual(mark('20T12:00'));
    expect(beside(marks, stands('20T10:00'), -1)).toEqual(mark('20T08:00'));
    expect(beside(marks, stands('20T12:00'), 1)).toBeUndefined();
  });

  it('that were told in one moment are gone through one by one', () => {
    const recordedAt = new Date(at('20T08:00')).toISOString();
    const told = ['9', '11', '10'].map((position) => ({ position, recordedAt }));
    expect(beside(told, { at: at('20T08:00'), position: '9' }, 1)?.position).toBe('10');
    expect(beside(told, { at: at('20T08:00'), position: '10' }, 1)?.position).toBe('11');
    expect(beside(told, { at: at('20T08:00'), position: '11' }, -1)?.position).toBe('10');
    expect(beside(told, { at: at('20T08:00'), position: '11' }, 1)).toBeUndefined();
  });

  it('share a place where they would lie on each other', () => {
    const line = { from: at('20T00:00'), until: at('21T00:00') };
    const close = [...marks, mark('20T10:05'), mark('25T10:00')];
    expect(places(close, line, 0.02).map((place) => place.marks.length)).toEqual([1, 2, 1]);
  });
});

it('a day of work is still seen beside an import of thousands', () => {
  const [quiet = 0, busy] = heights([16, 10_000]);
  expect(busy).toBe(1);
  expect(quiet).toBeGreaterThan(0.03);
  expect(heights([0, 0])).toEqual([0, 0]);
});

it('what is played goes as fast as was asked, and ends where there is nothing yet', () => {
  expect(played(at('20T08:00'), 1_000, 3_600, now)).toEqual({ at: at('20T09:00'), isOver: false });
  expect(played(at('23T10:41'), 1_000, 3_600, now)).toEqual({ at: now, isOver: true });
});
