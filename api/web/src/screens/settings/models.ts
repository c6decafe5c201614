// What stands in the fields of the settings, as the commands take it.
import type { SettingsQuery } from '../../api/generated/settings';

export type Weights = SettingsQuery['plan']['weights'];
export const WEIGHTS = [
  'tardiness',
  'lateJob',
  'moved',
  'nearSeconds',
  'shift',
  'shiftCapSeconds',
  'setup',
  'alternative',
  'flowMinute',
  'makespan',
] as const satisfies readonly (keyof Weights)[];

/** Only what is another than before; nothing where the company has none of its own and nobody changed any. */
export function changedWeights(
  before: Weights,
  typed: Partial<Record<keyof Weights, number>>,
  hadOwn: boolean,
): Partial<Weights> | undefined {
  const isChanged = WEIGHTS.some((name) => typed[name] !== undefined && typed[name] !== before[name]);
  if (!isChanged && !hadOwn) return undefined;
  return Object.fromEntries(WEIGHTS.map((name) => [name, typed[name] ?? before[name]]));
}

/** Ranges of addresses, one in a line or between commas. */
export const networksOf = (text: string): string[] =>
  text
    .split(/[\s,;]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '');

export const COUNTRY = /^[A-Z]{2}$/;
