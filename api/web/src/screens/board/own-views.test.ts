import { expect, test } from 'vitest';
import { OwnViews } from './own-views';

const view = (from: number) => ({ from, until: from + 1_000 });

test('an address that the board wrote itself does not put it back, also where it has been panned on since', () => {
  const own = new OwnViews();
  own.wrote(view(100));
  own.wrote(view(200));
  expect(own.has(view(100))).toBe(true);
  expect(own.has(view(200))).toBe(true);
});

test('one that came late takes those before it along: who goes back to them means it', () => {
  const own = new OwnViews();
  own.wrote(view(100));
  own.wrote(view(200));
  expect(own.has(view(200))).toBe(true);
  expect(own.has(view(100))).toBe(false);
  expect(own.has(view(200))).toBe(false);
});

test('addresses of somebody else are shown, and end the wait for one’s own', () => {
  const own = new OwnViews();
  own.wrote(view(100));
  expect(own.has(view(5_000))).toBe(false);
  expect(own.has(view(100))).toBe(false);
});

test('parts of a millisecond are lost in the address and make no other view', () => {
  const own = new OwnViews();
  own.wrote({ from: 100.9, until: 1_100.7 });
  expect(own.has(view(100))).toBe(true);
});
