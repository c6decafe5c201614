import { expect, it } from 'vitest';
import { shownNumber, typedNumber } from './decimal';

it('takes a comma and a point for the decimals in any language', () => {
  for (const locale of ['en-GB', 'de', 'et', 'es']) {
    expect([' 12,5 ', '12.5', '0,125', '0.125', '1250', '-3'].map((text) => typedNumber(text, locale))).toEqual([
      12.5, 12.5, 0.125, 0.125, 1250, -3,
    ]);
  }
});

it('takes thousands as the language writes them', () => {
  expect([typedNumber('1.250', 'de'), typedNumber('1.250', 'es'), typedNumber('1,250', 'en-GB')]).toEqual([1250, 1250, 1250]);
  expect([typedNumber('1.250', 'en-GB'), typedNumber('1,250', 'de'), typedNumber('1,250', 'et')]).toEqual([1.25, 1.25, 1.25]);
  expect([typedNumber('1 250', 'et'), typedNumber('1\u00a0250,5', 'et'), typedNumber('12.345.678', 'de')]).toEqual([
    1250, 1250.5, 12345678,
  ]);
});

it('takes both signs at once for thousands and decimals, whichever comes first', () => {
  for (const locale of ['en-GB', 'de']) {
    expect([typedNumber('1.250,5', locale), typedNumber('1,250.5', locale)]).toEqual([1250.5, 1250.5]);
    expect(typedNumber('1.2.5,0', locale)).toBeNaN();
  }
});

it('takes nothing else', () => {
  expect(['', '  ', 'many', '1,2,5', '1.25.0', '5 pcs'].map((text) => typedNumber(text, 'de'))).toEqual(Array(6).fill(Number.NaN));
});

it('shows what it reads back as the same', () => {
  for (const locale of ['en-GB', 'de', 'et', 'es']) {
    for (const decimal of ['1250', '1.125', '12.5', '1234.567'])
      expect(typedNumber(shownNumber(decimal, locale), locale)).toBe(Number(decimal));
  }
  expect([shownNumber('12.500', 'de'), shownNumber('1250.0', 'de')]).toEqual(['12,5', '1250']);
});
