import { expect, it } from 'vitest';
import { fits, peopleOf } from './useFound';

it('a name fits when each word typed begins a word of it', () => {
  expect([fits('Look: Dark', 'da'), fits('Look: Dark', 'lo da'), fits('Look: Dark', ''), fits('Look: Dark', 'ark')]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(fits('Aussehen: Dunkel', 'DUN')).toBe(true);
});

it('people are found by name as well as by code, each once', () => {
  const person = (code: string, name: string | null) => ({ id: code, code, name, atWork: [] });
  const all = [person('219', 'Elena Petrova'), person('220', 'Luca Moretti'), person('221', null)];
  const codes = (typed: string, byCode = all.slice(0, 0)) => peopleOf(typed, byCode, all).map(({ code }) => code);
  expect([codes('ele'), codes('petrova elena'), codes('22', all.slice(1)), codes('moretti', all.slice(1, 2)), codes('')]).toEqual([
    ['219'],
    ['219'],
    ['220', '221'],
    ['220'],
    [],
  ]);
});
