// A file that is being read: kept whole where it was read, while whoever asks sees its head and what comes of it.
import type { Fault, Mapping } from './cells';
import { batches, type Command, type Numbered, numbered } from './commands';
import { type Missing, makingOf, outcomeOf } from './plan';
import { bytesOf, headOf, readTable, type Table, type WhyRefused } from './table';

/** What comes of a file, without what is asked for it: that may be a hundred thousand things. */
export interface Summary {
  /** Things of the file, without work centers. */
  things: number;
  operations: number;
  centers: string[];
  /** The first of them. */
  faults: Fault[];
  faultCount: number;
  /** Fields that no column is. */
  lacking: string[];
}

const MOST_FAULTS = 100;

export class Reading {
  #table: Table | undefined;
  #commands: Command[] = [];
  #batches: Command[][] = [];

  /** The head of the file. */
  async open(file: Blob): Promise<Table> {
    this.#table = readTable(await bytesOf(file));
    return headOf(this.#table);
  }

  summary(mapping: Mapping, zone: string): Summary {
    if (this.#table === undefined) throw new Error('no file was opened');
    const { commands, faults, ...rest } = outcomeOf(this.#table, mapping, zone);
    this.#commands = commands;
    return { ...rest, faults: faults.slice(0, MOST_FAULTS), faultCount: faults.length };
  }

  /** Begins to ask for what the last summary was about, and for what is missing for it; how many commands that are. */
  begin(missing: Missing[]): number {
    const all = [...makingOf(missing), ...this.#commands];
    this.#batches = batches(all);
    return all.length;
  }

  /** One batch of them; none after the last. */
  async batch(at: number, tenant: string): Promise<Numbered[] | undefined> {
    const batch = this.#batches[at];
    return batch && numbered(batch, tenant);
  }
}

/** What is asked of a reading elsewhere, by its name, and what is answered. */
export type Asks = { [Name in keyof Reading]: { id: number; name: Name; given: Parameters<Reading[Name]> } }[keyof Reading];

export type Answer =
  | { id: number; value: unknown }
  | { id: number; refused: { why: WhyRefused; count: number } }
  | { id: number; failed: string };
