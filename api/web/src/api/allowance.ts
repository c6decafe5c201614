// How much more may be asked in this minute, as the server says with each of its answers, and whether something waits for the next one.
import { useSyncExternalStore } from 'react';

let left = { fields: Number.POSITIVE_INFINITY, until: 0 };
let heldUntil = 0;
const watchers = new Set<() => void>();

const figure = (headers: Headers, name: string): number | undefined => {
  const text = headers.get(name);
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
};

/** What an answer says of it. */
export function noteAllowance(headers: Headers): void {
  const [fields, seconds] = [figure(headers, 'ratelimit-remaining'), figure(headers, 'ratelimit-reset')];
  if (fields !== undefined && seconds !== undefined) left = { fields, until: Date.now() + seconds * 1_000 };
}

/** How many more fields may be asked now, and when there are all of them again. */
export const allowance = (): { fields: number; until: number } =>
  left.until > Date.now() ? left : { fields: Number.POSITIVE_INFINITY, until: 0 };

/** Something waits until then. */
export function hold(until: number): void {
  if (until <= heldUntil) return;
  heldUntil = until;
  for (const tell of watchers) tell();
}

function watch(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

/** Until when something waits for the next minute: it may be past. */
export const useHeldUntil = (): number => useSyncExternalStore(watch, () => heldUntil);
