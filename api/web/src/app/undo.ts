// The line at the foot of the screen: what was done last, and how to take it back.
import { useSyncExternalStore } from 'react';

export type Undo = () => Promise<unknown>;

export interface DoneLine {
  said: string;
  undo?: Undo;
  /** Something else that can be done about it. */
  action?: { name: string; run: Undo };
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

export function dismissDone(): void {
  clearTimeout(timer);
  show(undefined);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useDoneLine(): DoneLine | undefined {
  return useSyncExternalStore(watch, () => line);
}
