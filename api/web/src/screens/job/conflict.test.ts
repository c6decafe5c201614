import { expect, it } from 'vitest';
import { merge } from './conflict';

const opened = { product: 'Shaft', customer: 'Kuusk', notes: '' };

it('what only one of two has changed is taken as it is', () => {
  const { values, taken, clashes } = merge(opened, { ...opened, notes: 'blue paint' }, { ...opened, customer: 'Tamm' });
  expect(values).toEqual({ product: 'Shaft', customer: 'Tamm', notes: 'blue paint' });
  expect(taken).toEqual([{ field: 'customer', before: 'Kuusk', theirs: 'Tamm' }]);
  expect(clashes).toEqual([]);
});

it('what both have changed is asked, and what was typed stays meanwhile', () => {
  const { values, taken, clashes } = merge(opened, { ...opened, notes: 'blue paint' }, { ...opened, notes: 'red paint' });
  expect(values.notes).toBe('blue paint');
  expect(taken).toEqual([]);
  expect(clashes).toEqual([{ field: 'notes', before: '', mine: 'blue paint', theirs: 'red paint' }]);
});

it('two who have typed the same agree', () => {
  const same = { ...opened, product: 'Spindle' };
  expect(merge(opened, same, same)).toEqual({ values: same, taken: [], clashes: [] });
});
