import { expect, it } from 'vitest';
import { startOfDay, zoneOf } from './zone';

const at = (instant: string, zone: string, days = 0) => new Date(startOfDay(Date.parse(instant), zone, days)).toISOString();

it('a day begins at midnight of the zone, also where the clocks are set', () => {
  expect(at('2026-11-23T23:30:00Z', 'Europe/Tallinn')).toBe('2026-11-23T22:00:00.000Z');
  expect(at('2026-11-23T10:00:00Z', 'Europe/Tallinn', 1)).toBe('2026-11-23T22:00:00.000Z');
  expect(at('2026-10-25T10:00:00Z', 'Europe/Tallinn')).toBe('2026-10-24T21:00:00.000Z');
  expect(at('2026-10-25T10:00:00Z', 'Europe/Tallinn', 1)).toBe('2026-10-25T22:00:00.000Z');
  expect(at('2026-11-23T02:00:00Z', 'America/Los_Angeles')).toBe('2026-11-22T08:00:00.000Z');
  expect(at('2026-11-23T10:00:00.789Z', 'Asia/Kolkata')).toBe('2026-11-22T18:30:00.000Z');
});

it('of one zone there is one, which keeps what it has found out', () => {
  expect(zoneOf('Europe/Tallinn')).toBe(zoneOf('Europe/Tallinn'));
  expect(zoneOf('Europe/Tallinn')).not.toBe(zoneOf('Asia/Kolkata'));
});

it('a day without a midnight begins at its first instant', () => {
  // Beirut sets its clocks at midnight: 2026-03-29 begins at one o'clock.
  expect(at('2026-03-29T12:00:00Z', 'Asia/Beirut')).toBe('2026-03-28T22:00:00.000Z');
  expect(at('2026-03-30T12:00:00Z', 'Asia/Beirut')).toBe('2026-03-29T21:00:00.000Z');
});
