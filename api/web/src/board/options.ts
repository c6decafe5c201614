// What the board is given by who uses it, and what it tells them.
import type { Wording } from './frame';
import type { Bar, Box, Proposal } from './types';

export interface Handlers {
  selected?: (keys: readonly string[], focused: Bar | undefined) => void;
  /** What part of time is seen now; told when a move is over. */
  viewed?: (from: number, until: number) => void;
  /** While something is dragged or moved by keys; nothing when it is over. */
  proposed?: (proposal: Proposal | undefined) => void;
  dropped?: (proposal: Proposal) => void;
  /** A command of the keyboard for the focused bar. */
  asked?: (what: 'move' | 'pin' | 'out' | 'open', bar: Bar) => void;
}

export interface BoardOptions {
  zone: string;
  words: Wording;
  /** What is in the way, in words. */
  warn: (proposal: Proposal) => string;
  /** What a bar is, in words: its name, and what there is to say of it. Said where the mouse rests, most of all of bars too narrow for a word. */
  tell?: (bar: Bar) => readonly [name: string, said: string] | undefined;
  mayMove: boolean;
  on: Handlers;
}

export interface Hit extends Box {
  key: string;
}
