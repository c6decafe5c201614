import { describe, expect, it } from 'vitest';
import { Clock } from './clock';

function clockOf() {
  const at = { wall: 1_000_000, steady: 0 };
  const clock = new Clock(
    0,
    () => at.wall,
    () => at.steady,
  );
  return { at, clock };
}

describe('the clock', () => {
  it('keeps the difference to the server’s, by half of the way', () => {
    const { at, clock } = clockOf();
    at.steady = 400;
    clock.heard(2_000_000, 0);
    expect(clock.offset).toBe(2_000_000 + 200 - 1_000_000);
    expect(clock.isMeasured).toBe(true);
  });

  it('does not believe an answer that took too long, once it knows better', () => {
    const { at, clock } = clockOf();
    clock.heard(1_000_000, 0);
    at.steady = 60_000;
    at.wall += 60_000;
    expect(clock.heard(1_000_000, 0)).toBe(false);
    expect(clock.now()).toBe(1_060_000);
  });

  it('goes on where the tablet’s is set back, and goes with it where the tablet slept', () => {
    const { at, clock } = clockOf();
    clock.heard(1_000_000, 0);
    [at.wall, at.steady] = [at.wall - 3_600_000, 10_000];
    expect(clock.now()).toBe(1_010_000);
    [at.wall, at.steady] = [1_000_000 + 8 * 3_600_000, 20_000];
    expect(clock.now()).toBe(1_000_000 + 8 * 3_600_000);
  });

  it('takes no time that is none', () => {
    const { clock } = clockOf();
    expect(clock.heard(Number.NaN, 0)).toBe(false);
    expect(clock.isMeasured).toBe(false);
  });
});
