import { describe, expect, it } from 'vitest';
import { filterOf, movesList, readSearch, sortedBy, sortOf } from './model';

const dayAfter = (day: string) => Date.parse(`${day}T22:00:00Z`);

describe('an address says which jobs are looked at', () => {
  it('what is not understood is left out', () => {
    expect(readSearch({ show: 'nonsense', q: '', until: 'soon', sort: 7, down: 'perhaps' })).toEqual({});
    expect(readSearch({ show: 'open', sort: 'due', until: '2026-13-45' })).toEqual({});
  });

  it('a number that somebody looks for stays one, as text', () => {
    expect(readSearch({ show: 'late', q: 4149, until: '2026-11-30', sort: 'priority', down: true })).toEqual({
      show: 'late',
      q: '4149',
      until: '2026-11-30',
      sort: 'priority',
      down: true,
    });
  });

  it('without anything it is what is open, the first due first', () => {
    expect(filterOf({}, dayAfter)).toEqual({ status: ['PENDING', 'SCHEDULED', 'RUNNING', 'PAUSED', 'BLOCKED'], late: false });
    expect(sortOf({})).toEqual({ by: 'DUE', descending: false });
  });

  it('a day that is named is in it', () => {
    expect(filterOf({ show: 'all', q: ' shaft ', until: '2026-11-30' }, dayAfter)).toEqual({
      late: false,
      text: 'shaft',
      dueBefore: '2026-11-30T22:00:00.000Z',
    });
  });
});

it('a heading that is chosen again turns the order round', () => {
  const once = sortedBy({ q: 'x' }, 'priority');
  expect(once).toEqual({ q: 'x', sort: 'priority' });
  const twice = sortedBy(once, 'priority');
  expect(twice).toEqual({ q: 'x', sort: 'priority', down: true });
  expect(sortedBy(twice, 'priority')).toEqual({ q: 'x', sort: 'priority' });
  expect(sortedBy(twice, 'due')).toEqual({ q: 'x' });
});

describe('news of a job', () => {
  const job = (id: string, status: 'PENDING' | 'RUNNING' | 'COMPLETED', late = false) => ({ id, status, late });

  it('changes the list where the job comes into it or leaves it', () => {
    expect(movesList('open', undefined, job('a', 'PENDING'))).toBe(true);
    expect(movesList('open', job('a', 'RUNNING'), job('a', 'COMPLETED'))).toBe(true);
    expect(movesList('open', job('a', 'PENDING'), job('a', 'RUNNING'))).toBe(false);
    expect(movesList('late', job('a', 'RUNNING', true), job('a', 'RUNNING'))).toBe(true);
    expect(movesList('closed', undefined, job('a', 'RUNNING'))).toBe(false);
  });
});
