import { expect, it } from 'vitest';
import { Idle } from './idle';

function bench() {
  const at = { wall: 1_000_000, steady: 50 };
  return {
    at,
    idle: new Idle(
      120_000,
      () => at.wall,
      () => at.steady,
    ),
  };
}

it('who touches nothing for so long is not here any more', () => {
  const { at, idle } = bench();
  [at.wall, at.steady] = [at.wall + 119_000, at.steady + 119_000];
  expect([idle.isOver, idle.left]).toEqual([false, 1_000]);
  expect(idle.touch()).toBe(true);
  [at.wall, at.steady] = [at.wall + 120_000, at.steady + 120_000];
  expect(idle.isOver).toBe(true);
});

it('a tablet that slept wakes up handed back: the touch that wakes it is not theirs', () => {
  const { at, idle } = bench();
  // The steady clock stands still while it sleeps.
  at.wall += 8 * 3_600_000;
  expect(idle.touch()).toBe(false);
  expect(idle.isOver).toBe(true);
  idle.renew();
  expect(idle.isOver).toBe(false);
});

it('a clock that is set back makes nobody stay longer', () => {
  const { at, idle } = bench();
  at.wall -= 3_600_000;
  at.steady += 120_000;
  expect(idle.isOver).toBe(true);
});
