// Numbers as they are typed on a keypad: digits, one point, at most three places.

const LONGEST = 10;
const PLACES = 3;

/** What stands there after a key. */
export function pressed(text: string, key: string): string {
  if (key === 'Backspace') return text.slice(0, -1);
  if (key === '.' || key === ',') return text.includes('.') ? text : `${text === '' ? '0' : text}.`;
  if (!/^\d$/.test(key) || text.length >= LONGEST) return text;
  if ((text.split('.')[1]?.length ?? 0) >= PLACES) return text;
  return text === '0' ? key : text + key;
}

export const amountOf = (text: string): number => {
  const value = Number(text === '' || text === '.' ? 0 : text);
  return Number.isFinite(value) ? value : 0;
};

/** One more or one less, never less than nothing. */
export function stepped(text: string, by: 1 | -1): string {
  const next = Math.max(0, Math.round((amountOf(text) + by) * 10 ** PLACES) / 10 ** PLACES);
  return next === 0 ? '' : String(next);
}
