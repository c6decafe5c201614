// Scanners that pretend to be keyboards: many keys at once, then Enter. Keys of people come one by one, and are passed on a moment later.

const QUICK_MS = 40;
const SHORTEST = 4;
const LONGEST = 128;

export interface Heard {
  /** A key that somebody has pressed. */
  key: (key: string) => void;
  /** What was scanned. */
  scan: (text: string) => void;
}

/** Pure but for the timer that it is given. */
export class Wedge {
  #kept = '';
  #last = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly heard: Heard) {}

  /** Whether Enter would end something that was scanned. */
  isScan(at: number): boolean {
    return this.#kept.length >= SHORTEST && at - this.#last <= QUICK_MS * 2;
  }

  /** A key, with when it was pressed. Tells whether it was taken. */
  press(key: string, at: number): boolean {
    if (key === 'Enter') {
      const scanned = this.#kept;
      const isScan = this.isScan(at);
      this.#clear();
      if (isScan) this.heard.scan(scanned);
      else {
        this.#pass(scanned);
        this.heard.key(key);
      }
      return true;
    }
    if (key === 'Backspace' || key === 'Escape') {
      this.flush();
      this.heard.key(key);
      return true;
    }
    if ([...key].length !== 1 || this.#kept.length >= LONGEST) return false;
    if (at - this.#last > QUICK_MS) this.flush();
    this.#kept += key;
    this.#last = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), QUICK_MS * 2);
    return true;
  }

  /** What waits was of a person after all. */
  flush(): void {
    const kept = this.#kept;
    this.#clear();
    this.#pass(kept);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#kept = '';
  }

  #pass(keys: string): void {
    for (const key of keys) this.heard.key(key);
  }
}
