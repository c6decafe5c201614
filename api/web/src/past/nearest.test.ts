import { describe, expect, it, vi } from 'vitest';
import type { Line } from './model';
import { nearest } from './nearest';

const hour = 3_600_000;
const mark = (at: number) => ({ position: String(at), recordedAt: new Date(at).toISOString() });

/** A server that tells the newest `most` of a window. */
const server = (times: readonly number[], most = 500) =>
  vi.fn(async ({ from, until }: Line) => {
    const inside = times.filter((at) => at >= from && at < until).sort((one, other) => other - one);
    return { marks: inside.slice(0, most).map(mark), moreMarks: inside.length > most };
  });

describe('the next mark', () => {
  const line = { from: 100 * hour, until: 108 * hour };

  it('is one that is seen, and nothing further is asked', async () => {
    const ask = server([20 * hour, 102 * hour, 104 * hour]);
    expect(await nearest(ask, line, { at: 106 * hour }, -1)).toEqual(mark(104 * hour));
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('is found beyond what is seen, on both sides', async () => {
    const ask = server([20 * hour, 21 * hour, 300 * hour, 400 * hour]);
    expect(await nearest(ask, line, { at: 106 * hour }, -1)).toEqual(mark(21 * hour));
    expect(await nearest(ask, line, { at: 106 * hour }, 1)).toEqual(mark(300 * hour));
    expect(await nearest(ask, line, { at: 20 * hour }, -1)).toBeUndefined();
  });

  it('is the next one also where the server leaves most of them out', async () => {
    const times = Array.from({ length: 200 }, (_, at) => (10 + at) * hour + 1);
    const ask = server(times, 3);
    for (const [stands, back, on] of [
      [50, 49, 50],
      [104, 103, 104],
      [180, 179, 180],
    ] as const) {
      const around = { from: (stands - 4) * hour, until: (stands + 4) * hour };
      expect(await nearest(ask, around, { at: stands * hour }, -1)).toEqual(mark(back * hour + 1));
      expect(await nearest(ask, around, { at: stands * hour - 1_000 }, 1)).toEqual(mark(on * hour + 1));
    }
  });
});
