// What somebody has typed and not sent, for when they come back to it: the tablet may have been handed back meanwhile. It is theirs alone,
// and not of the next shift.

const FORGOTTEN_MS = 2 * 3_600_000;

export class Drafts<Typed> {
  readonly #kept = new Map<string, { typed: Typed; at: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  get(operatorId: string, what: string): Typed | undefined {
    const key = keyOf(operatorId, what);
    const found = this.#kept.get(key);
    if (found === undefined || Math.abs(this.now() - found.at) < FORGOTTEN_MS) return found?.typed;
    this.#kept.delete(key);
    return undefined;
  }

  keep(operatorId: string, what: string, typed: Typed): void {
    this.#kept.set(keyOf(operatorId, what), { typed, at: this.now() });
  }

  drop(operatorId: string, what: string): void {
    this.#kept.delete(keyOf(operatorId, what));
  }
}

const keyOf = (operatorId: string, what: string): string => JSON.stringify([operatorId, what]);
