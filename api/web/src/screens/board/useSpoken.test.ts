import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { REST_MS, speakerOf } from './useSpoken';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function spoken() {
  const place = document.createElement('div');
  return { place, speaker: speakerOf({ current: place }) };
}

test('of a drag only where it rests is said, and put into words only then', () => {
  const { place, speaker } = spoken();
  const words = vi.fn(() => 'MILL-2, 9:00');
  for (let step = 0; step < 50; step += 1) {
    speaker.sayAtRest(words);
    vi.advanceTimersByTime(REST_MS - 50);
  }
  expect(words).not.toHaveBeenCalled();
  expect(place.textContent).toBe('');
  vi.advanceTimersByTime(50);
  expect(words).toHaveBeenCalledTimes(1);
  expect(place.textContent).toBe('MILL-2, 9:00');
});

test('what is said at once takes the place of what waits', () => {
  const { place, speaker } = spoken();
  speaker.sayAtRest(() => 'over there');
  speaker.say('');
  vi.advanceTimersByTime(10 * REST_MS);
  expect(place.textContent).toBe('');
});
