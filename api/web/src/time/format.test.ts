import { describe, expect, it } from 'vitest';
import { amount, duration, exactly, roughly, when } from './format';

const tallinn = { locale: 'en-GB', zone: 'Europe/Tallinn' };
const now = Date.parse('2026-11-23T10:00:00Z');

describe('a time is said as people say it', () => {
  it.each([
    ['2026-11-23T12:30:00Z', '14:30'],
    ['2026-11-24T12:30:00Z', 'Tue 14:30'],
    ['2026-11-18T06:05:00Z', 'Wed 08:05'],
    ['2026-12-03T12:30:00Z', '3 Dec 14:30'],
    ['2027-01-03T12:30:00Z', '3 Jan 2027 14:30'],
    // Already tomorrow where the company is.
    ['2026-11-23T22:30:00Z', 'Tue 00:30'],
  ])('%s is %s', (instant, said) => {
    expect(when(Date.parse(instant), now, tallinn)).toBe(said);
  });

  it('is exact for who looks closely', () => {
    expect(exactly(Date.parse('2026-07-01T12:30:05Z'), tallinn)).toContain('Wednesday');
    expect(exactly(Date.parse('2026-07-01T12:30:05Z'), tallinn)).toContain('15:30:05');
  });
});

it('durations are hours and minutes', () => {
  expect([0, 29, 30, 3_900, 93_600, -5_400, -10].map(duration)).toEqual(['0:00', '0:00', '0:01', '1:05', '26:00', '−1:30', '0:00']);
});

it('a rough length has its two largest units', () => {
  expect([8, 720, 11_100, 183_600, 1_000_000].map((seconds) => roughly(seconds, 'en-GB'))).toEqual(['8s', '12m', '3h 5m', '2d 3h', '11d']);
  expect(roughly(183_600, 'de')).toBe('2 Tg. 3 Std.');
});

it('amounts have the signs of the language', () => {
  expect(amount('1234.50', 'en-GB')).toBe('1,234.5');
  expect(amount('1234.5', 'de')).toBe('1.234,5');
});
