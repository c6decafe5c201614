// What a terminal knows of itself, for the screens; and what it needs of the page.
import type { Work } from './data';
import type { Entry, Visit } from './entry';
import type { Tools } from './sender';
import type { KnownTerminal } from './store';

export interface State {
  status: 'starting' | 'unpaired' | 'paired';
  known?: KnownTerminal;
  /** Whether the server was reached when it was asked last. */
  link: 'unknown' | 'online' | 'offline';
  visit?: Visit;
  entries: readonly Entry[];
  /** Sent since the work was told: it is not in there yet. */
  sent: readonly Entry[];
  work?: Work;
  /** Whether what is done outlasts the page. */
  isKept: boolean;
  /** Server less tablet, ms. */
  offset: number;
  /** Whose PIN was not right when it could be looked at at last. */
  wasOut?: string;
  /** What it was called until it was taken off the list of terminals. */
  wasNamed?: string;
}

/** What the terminal needs of the page. */
export interface Around extends Tools {
  /** This life of the page. */
  life: string;
  exclusive: <T>(work: () => Promise<T>) => Promise<T>;
  /** Tells other tabs. */
  tell: () => void;
  newId: () => string;
}

/** The state, followed. Who changes it says so here. */
export class Scene {
  #state: State;
  readonly #watchers = new Set<() => void>();

  constructor(readonly around: Around) {
    this.#state = { status: 'starting', link: 'unknown', entries: [], sent: [], isKept: around.store.isKept, offset: around.clock.offset };
  }

  get state(): State {
    return this.#state;
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }

  async reload(): Promise<void> {
    this.set({ entries: await this.around.store.entries() });
  }

  /** What waits is otherwise: for other tabs too. */
  async changed(): Promise<void> {
    await this.reload();
    this.around.tell();
  }
}
