import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { allowance, noteAllowance } from './allowance';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

it('what is left of the minute is what the last answer said, until the next minute begins', () => {
  expect(allowance().fields).toBe(Number.POSITIVE_INFINITY);
  noteAllowance(new Headers({ 'ratelimit-remaining': '17', 'ratelimit-reset': '40' }));
  expect(allowance()).toEqual({ fields: 17, until: 1_040_000 });
  // An answer that says nothing of it, such as that of a page, changes nothing.
  noteAllowance(new Headers());
  expect(allowance().fields).toBe(17);
  vi.setSystemTime(1_041_000);
  expect(allowance().fields).toBe(Number.POSITIVE_INFINITY);
});
