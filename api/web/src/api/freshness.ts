// How old is what people see: when Kilter was heard last.
import { useSyncExternalStore } from 'react';

export type Freshness =
  /** Kilter was heard within five seconds. */
  | 'live'
  /** It was not: what is on the screen may be old. */
  | 'stale'
  /** This device has no network. */
  | 'offline'
  /** Nothing is followed yet. */
  | 'starting';

export const STALE_MS = 5_000;

let lastHeard: number | undefined;
let connected = false;
const watchers = new Set<() => void>();

/** A sign of life. */
export function heard(): void {
  lastHeard = Date.now();
  if (!connected) {
    connected = true;
    tell();
  }
}

/** The socket is gone. */
export function lost(): void {
  connected = false;
  tell();
}

/** When Kilter was heard last, in milliseconds since 1970. */
export const heardAt = (): number | undefined => lastHeard;

export function freshness(now: number): Freshness {
  if (!navigator.onLine) return 'offline';
  if (lastHeard === undefined) return 'starting';
  return now - lastHeard < STALE_MS ? 'live' : 'stale';
}

function tell(): void {
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  const timer = setInterval(watcher, 1_000);
  for (const event of ['online', 'offline']) addEventListener(event, watcher);
  return () => {
    watchers.delete(watcher);
    clearInterval(timer);
    for (const event of ['online', 'offline']) removeEventListener(event, watcher);
  };
}

export function useFreshness(): Freshness {
  return useSyncExternalStore(watch, () => freshness(Date.now()));
}
