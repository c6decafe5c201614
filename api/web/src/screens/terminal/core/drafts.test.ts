import { expect, it } from 'vitest';
import { Drafts } from './drafts';

it('what somebody has typed is there for them again, and for nobody else', () => {
  const drafts = new Drafts<string>();
  drafts.keep('otto', 'J-1/10', '38');
  expect(drafts.get('ben', 'J-1/10')).toBeUndefined();
  expect(drafts.get('otto', 'J-1/10')).toBe('38');
  drafts.drop('otto', 'J-1/10');
  expect(drafts.get('otto', 'J-1/10')).toBeUndefined();
});

it('what was typed in another shift is not there any more', () => {
  let now = 0;
  const drafts = new Drafts<string>(() => now);
  drafts.keep('otto', 'J-1/10', '38');
  now += 3_600_000;
  expect(drafts.get('otto', 'J-1/10')).toBe('38');
  now += 3_600_000;
  expect(drafts.get('otto', 'J-1/10')).toBeUndefined();
});
