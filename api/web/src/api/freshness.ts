// How old is what people see: when Kilter was heard last.
import { useEffect, useSyncExternalStore } from 'react';

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
let followers = 0;
/** Since when something is followed: who has just begun can't be stale. */
let since = 0;
/** Since when what was refused is not followed. */
const refused = new Set<{ at: number }>();
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

/** Something is followed from now on; the function that it gives ends that. Where nothing is, nothing gets old. */
export function followed(): () => void {
  if (followers === 0) {
    since = Date.now();
    tell();
  }
  followers += 1;
  return () => {
    followers -= 1;
    tell();
  };
}

/** Whether there is a socket that was accepted. */
export const isOpen = (): boolean => connected;

/** Something that is followed was refused, or can't be asked: the rest may be live, but this gets old. The function that it gives says that it is well again. */
export function broken(): () => void {
  const since = { at: Date.now() };
  refused.add(since);
  tell();
  return () => {
    if (refused.delete(since)) tell();
  };
}

/** When Kilter was heard last, in milliseconds since 1970. */
export const heardAt = (): number | undefined => lastHeard;

export function freshness(now: number): Freshness {
  if (!navigator.onLine) return 'offline';
  for (const { at } of refused) if (now - at >= STALE_MS) return 'stale';
  if (followers === 0) return 'starting';
  if (lastHeard !== undefined && now - lastHeard < STALE_MS) return 'live';
  return now - since < STALE_MS ? 'starting' : 'stale';
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

/** While something that is on the screen can't be had, the screen counts as old, whatever else is live. */
export function useBroken(isBroken: boolean): void {
  useEffect(() => (isBroken ? broken() : undefined), [isBroken]);
}
