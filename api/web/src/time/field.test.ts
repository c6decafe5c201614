import { expect, it } from 'vitest';
import { fromDay, fromField, toField } from './field';

const zone = 'Europe/Tallinn';

it('a field shows the clock of the company and means it', () => {
  expect(toField('2026-11-23T12:30:00Z', zone)).toBe('2026-11-23T14:30');
  expect(fromField('2026-07-23T14:30', zone)).toBe(Date.parse('2026-07-23T11:30:00Z'));
  expect(fromField('', zone)).toBeUndefined();
  expect(fromField('2026-11-23', zone)).toBeUndefined();
});

it('a day begins at its midnight, also where the clocks were set', () => {
  expect(new Date(fromDay('2026-10-25', zone)).toISOString()).toBe('2026-10-24T21:00:00.000Z');
  expect(new Date(fromDay('2026-10-25', zone, 1)).toISOString()).toBe('2026-10-25T22:00:00.000Z');
});
