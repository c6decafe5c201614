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

const isSign = (key: string): boolean => [...key].length === 1;

/** The same in a field: there keys are typed as they come, and Enter tells that they were a scan. */
export class FieldWedge {
  #kept = '';
  #last = Number.NEGATIVE_INFINITY;
  #before = '';

  /** A key, with when it was pressed and what stood in the field before it. Tells what was scanned, and what stood there before that. */
  press(key: string, at: number, value: string): { scanned: string; before: string } | undefined {
    const passed = at - this.#last;
    this.#last = at;
    if (key === 'Enter') {
      const scanned = this.#kept;
      this.#kept = '';
      return passed <= QUICK_MS * 2 && scanned.length >= SHORTEST ? { scanned, before: this.#before } : undefined;
    }
    // What is held down together with a sign.
    if (key === 'Shift' || key === 'AltGraph' || key === 'CapsLock') return undefined;
    if (passed > QUICK_MS || this.#kept === '') [this.#kept, this.#before] = ['', value];
    this.#kept = isSign(key) && this.#kept.length < LONGEST ? this.#kept + key : '';
    return undefined;
  }
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
    if (!isSign(key) || this.#kept.length >= LONGEST) return false;
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
