// The line at the foot of the screen: what was done last, and how to take it back.
import { type ReactNode, useSyncExternalStore } from 'react';

export type Undo = () => Promise<unknown>;

export interface DoneLine {
  said: string;
  undo?: Undo;
  /** Something else that can be done about it. */
  action?: { name: string; run: Undo };
  /** What is asked where it could not be taken back, instead of saying so; nothing for what can only be said. */
  otherwise?: (error: unknown, close: () => void) => ReactNode;
  at: number;
}

const SHOWN_MS = 10_000;

let line: DoneLine | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();

function show(next: DoneLine | undefined): void {
  line = next;
  for (const watcher of watchers) watcher();
}

/** Says what was done; the next one takes its place. */
export function sayDone(done: Omit<DoneLine, 'at'>): void {
  clearTimeout(timer);
  show({ ...done, at: Date.now() });
  timer = setTimeout(() => show(undefined), SHOWN_MS);
}

/** Takes it away, where it is still this one that is said. */
export function dismissDone(one: DoneLine): void {
  if (line !== one) return;
  clearTimeout(timer);
  show(undefined);
}

/** Lets it stand until it is dismissed: somebody is at it. */
export function keepDone(one: DoneLine): void {
  if (line === one) clearTimeout(timer);
}

/** Nobody is at it any more: it goes after the time of a new one. */
export function letDoneGo(one: DoneLine): void {
  if (line !== one) return;
  clearTimeout(timer);
  timer = setTimeout(() => dismissDone(one), SHOWN_MS);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useDoneLine(): DoneLine | undefined {
  return useSyncExternalStore(watch, () => line);
}
