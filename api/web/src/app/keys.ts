// Keys of the app and of its screens: what each does is listed by `?`.
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { keep, kept } from './kept';

export interface Key {
  /** As it is typed: `mod+k`, `?`. `mod` is Ctrl, on a Mac the command key. */
  keys: string;
  /** What it does, in the language of the person. */
  does: string;
  run: () => void;
  /** Means something else where somebody types, as Ctrl+Z does. */
  notTyping?: boolean;
}

/** A key that something else hears: it is only told what it does. */
export type ToldKey = Pick<Key, 'keys' | 'does'>;

let bound: readonly (readonly ToldKey[])[] = [];
const watchers = new Set<() => void>();

function bind(next: typeof bound): void {
  bound = next;
  for (const watcher of watchers) watcher();
}

/** What is typed into is not for keys. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable=true]') !== null;

/** Single keys are a help to hands, and in the way of who speaks: they can be turned off. */
export const areSingleOn = (): boolean => kept('keys') !== 'off';

export const turnSingle = (on: boolean): void => keep('keys', on ? 'on' : 'off');

/** Under a dialog nothing is done by a slip of the hand. */
const isUnderDialog = (): boolean => document.querySelector('[aria-modal="true"]') !== null;

const isHeard = (event: KeyboardEvent, { keys, notTyping }: Key): boolean =>
  keys.startsWith('mod+')
    ? !(notTyping && (isTyping(event.target) || isUnderDialog()))
    : areSingleOn() && !isTyping(event.target) && !isUnderDialog();

/** Whether an event is this key. */
export function isKey(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.toLowerCase().split('+');
  const mod = parts.includes('mod');
  if (mod !== (event.ctrlKey || event.metaKey) || event.altKey) return false;
  return event.key.toLowerCase() === parts.at(-1);
}

/** Binds keys as long as the component is there. */
export function useKeys(keys: readonly Key[]): void {
  const list = useEffectEvent(() => keys);
  const said = keys.map(({ keys: one, does }) => `${one} ${does}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: bound anew when what they say has changed
  useEffect(() => {
    const mine = list();
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const key = list().find(({ keys: one }) => isKey(event, one));
      if (key === undefined || !isHeard(event, key)) return;
      event.preventDefault();
      key.run();
    };
    bind([...bound, mine]);
    addEventListener('keydown', onKey);
    return () => {
      bind(bound.filter((one) => one !== mine));
      removeEventListener('keydown', onKey);
    };
  }, [said]);
}

/** Tells of keys that are heard elsewhere, such as by the board while it has the focus, as long as the component is there. */
export function useToldKeys(keys: readonly ToldKey[]): void {
  const list = useEffectEvent(() => keys);
  const said = keys.map(({ keys: one, does }) => `${one} ${does}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: told anew when what they say has changed
  useEffect(() => {
    const mine = list();
    bind([...bound, mine]);
    return () => bind(bound.filter((one) => one !== mine));
  }, [said]);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Every key that does something now. */
export function useBoundKeys(): readonly ToldKey[] {
  return useSyncExternalStore(watch, () => bound).flat();
}
