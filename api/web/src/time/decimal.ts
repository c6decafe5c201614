// Numbers as people type them, and as they stand in the fields where they are typed.

/** What separates thousands and decimals where this is spoken. */
function signsOf(locale: string): { group: string; decimal: string } {
  const parts = new Intl.NumberFormat(locale, { useGrouping: 'always' }).formatToParts(12_345.6);
  const sign = (type: 'group' | 'decimal') => parts.find((part) => part.type === type)?.value ?? '';
  return { group: sign('group'), decimal: sign('decimal') };
}

const escaped = (sign: string) => sign.replace(/[.\\]/g, '\\$&');

/**
 * A number as it is typed: with a comma or a point before its decimals, in any language; NaN where it is none. "1.250" is what its language takes
 * it for: 1250 in German, 1.25 in English. Both signs at once can only be thousands and decimals.
 */
export function typedNumber(text: string, locale: string): number {
  const bare = text.trim().replace(/(?<=\d)[\s'’](?=\d{3})/g, '');
  if (bare === '') return Number.NaN;
  const { group } = signsOf(locale);
  const last = Math.max(bare.lastIndexOf(','), bare.lastIndexOf('.'));
  const [whole, rest] = last < 0 ? [bare, ''] : [bare.slice(0, last), bare.slice(last + 1)];
  const other = bare[last] === ',' ? '.' : ',';
  const inThousands = (sign: string, number: string) => new RegExp(`^-?[1-9]\\d{0,2}(${escaped(sign)}\\d{3})+$`).test(number);
  if (whole.includes(other)) return inThousands(other, whole) ? Number(`${whole.replaceAll(other, '')}.${rest}`) : Number.NaN;
  if ((group === ',' || group === '.') && inThousands(group, bare)) return Number(bare.replaceAll(group, ''));
  return Number(bare.replace(',', '.'));
}

/** A decimal of the API as it stands in a field: with the sign of the language, so that it is read back as what it is. */
export const shownNumber = (decimal: string, locale: string): string => String(Number(decimal)).replace('.', signsOf(locale).decimal);
