import { expect, it } from 'vitest';
import { fits } from './useFound';

it('a name fits when each word typed begins a word of it', () => {
  expect([fits('Look: Dark', 'da'), fits('Look: Dark', 'lo da'), fits('Look: Dark', ''), fits('Look: Dark', 'ark')]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(fits('Aussehen: Dunkel', 'DUN')).toBe(true);
});
