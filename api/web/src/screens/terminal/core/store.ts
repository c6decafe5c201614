// What the tablet keeps: in IndexedDB, so that it outlasts a reload and a flat battery; where there is none, as long as the page lives.
import type { DBSchema, IDBPDatabase } from 'idb';
import { openDB } from 'idb';
import type { Work } from './data';
import type { Entry } from './entry';

export interface KnownTerminal {
  id: string;
  name: string;
  company?: string | null;
  operators: { id: string; code: string; name?: string | null }[];
  /** When that was said. */
  at: number;
}

/** What was shown to come in; it can be read on this tablet only. */
export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  bytes: ArrayBuffer;
  at: number;
}

export interface SealKeys {
  seal: CryptoKey;
  badges: CryptoKey;
}

/** Everything besides what waits to be sent, by name. */
export interface Things {
  terminal: KnownTerminal;
  /** Server less tablet, ms. */
  offset: number;
  /** Whose session the cookie holds: the visit. */
  session: string;
  keys: SealKeys;
  language: string;
  look: string;
  [sealed: `sealed:${string}`]: Sealed;
  [work: `work:${string}`]: Work;
  /** Whose badge this is, by what it becomes under a key of this tablet. */
  [badge: `badge:${string}`]: { operatorId: string };
  /** How badges that came in here are built: newest first. */
  badgeForms: readonly string[];
  /** The last thing, in the order in which they were done, whose time was told, and that time. */
  told: { seq: number; at: number };
  /** When something that was scanned was taken for a badge in vain. */
  doubts: readonly number[];
}

export interface Store {
  /** Whether what is put here outlasts the page. */
  readonly isKept: boolean;
  entries(): Promise<Entry[]>;
  /** Adds it at the end, and has it kept before it answers. */
  add(entry: Omit<Entry, 'seq'>): Promise<Entry>;
  put(entry: Entry): Promise<void>;
  remove(seq: number): Promise<void>;
  get<Name extends keyof Things & string>(name: Name): Promise<Things[Name] | undefined>;
  set<Name extends keyof Things & string>(name: Name, value: Things[Name]): Promise<void>;
  forget(name: keyof Things & string): Promise<void>;
  names(): Promise<string[]>;
}

interface Schema extends DBSchema {
  entries: { key: number; value: Entry };
  things: { key: string; value: Things[keyof Things] };
}

const [DATABASE, VERSION] = ['kilter-terminal', 1];

class InDatabase implements Store {
  readonly isKept = true;
  constructor(private readonly db: IDBPDatabase<Schema>) {}

  entries(): Promise<Entry[]> {
    return this.db.getAll('entries');
  }

  async add(entry: Omit<Entry, 'seq'>): Promise<Entry> {
    const written = this.db.transaction('entries', 'readwrite', { durability: 'strict' });
    // The database gives the place.
    const seq = await written.store.add(entry as Entry);
    await written.done;
    return { ...entry, seq };
  }

  async put(entry: Entry): Promise<void> {
    await this.db.put('entries', entry);
  }

  async remove(seq: number): Promise<void> {
    await this.db.delete('entries', seq);
  }

  async get<Name extends keyof Things & string>(name: Name): Promise<Things[Name] | undefined> {
    return (await this.db.get('things', name)) as Things[Name] | undefined;
  }

  async set<Name extends keyof Things & string>(name: Name, value: Things[Name]): Promise<void> {
    await this.db.put('things', value, name);
  }

  async forget(name: keyof Things & string): Promise<void> {
    await this.db.delete('things', name);
  }

  names(): Promise<string[]> {
    return this.db.getAllKeys('things');
  }
}

/** As long as the page lives. */
export class InMemory implements Store {
  readonly isKept = false;
  readonly #entries = new Map<number, Entry>();
  readonly #things = new Map<string, unknown>();
  #last = 0;

  async entries(): Promise<Entry[]> {
    return [...this.#entries.values()];
  }

  async add(entry: Omit<Entry, 'seq'>): Promise<Entry> {
    this.#last += 1;
    const added = { ...entry, seq: this.#last };
    this.#entries.set(added.seq, added);
    return added;
  }

  async put(entry: Entry): Promise<void> {
    this.#entries.set(entry.seq, entry);
  }

  async remove(seq: number): Promise<void> {
    this.#entries.delete(seq);
  }

  async get<Name extends keyof Things & string>(name: Name): Promise<Things[Name] | undefined> {
    return this.#things.get(name) as Things[Name] | undefined;
  }

  async set<Name extends keyof Things & string>(name: Name, value: Things[Name]): Promise<void> {
    this.#things.set(name, value);
  }

  async forget(name: keyof Things & string): Promise<void> {
    this.#things.delete(name);
  }

  async names(): Promise<string[]> {
    return [...this.#things.keys()];
  }
}

export async function openStore(): Promise<Store> {
  try {
    const db = await openDB<Schema>(DATABASE, VERSION, {
      upgrade: (made) => {
        made.createObjectStore('entries', { keyPath: 'seq', autoIncrement: true });
        made.createObjectStore('things');
      },
    });
    // Asks the browser not to throw it away when room gets scarce.
    void navigator.storage?.persist?.().catch(() => undefined);
    return new InDatabase(db);
  } catch {
    return new InMemory();
  }
}
