import { expect, it } from 'vitest';
import { isolated } from './bidi';

it('only what is written from right to left is set apart', () => {
  expect(isolated('Marta Ilves 201')).toBe('Marta Ilves 201');
  for (const name of ['محمد الأحمد', 'שרה לוי', 'Lea לוי']) expect(isolated(name)).toBe(`\u2068${name}\u2069`);
});
