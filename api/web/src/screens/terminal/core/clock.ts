// What time it is, by the server: the tablet's own clock may be wrong. The difference is measured whenever the server says what time it
// is, and kept for when nobody can be asked.

/** A clock that is further off than this is worth a word. */
export const WRONG_MS = 120_000;
/** An answer that took longer says too little about when it was given. */
const TOO_SLOW_MS = 10_000;
/** By less than this a clock is set by itself. */
const SET_BACK_MS = 5_000;

export class Clock {
  /** Server less tablet. */
  #offset: number;
  #anchor: { wall: number; steady: number };
  #isMeasured = false;

  constructor(
    kept = 0,
    private readonly wall: () => number = Date.now,
    private readonly steady: () => number = () => performance.now(),
  ) {
    this.#offset = kept;
    this.#anchor = { wall: wall(), steady: steady() };
  }

  get offset(): number {
    return this.#offset;
  }

  /** Whether it was compared with the server's since the page was loaded. */
  get isMeasured(): boolean {
    return this.#isMeasured;
  }

  /** What the tablet's clock shows. */
  get tablet(): number {
    return this.wall();
  }

  /** The same in a measure that nobody can set: of use within the life of the page. */
  get life(): number {
    return this.steady();
  }

  /** The server has said what time it is, in answer to what was asked then. Tells whether that was taken. */
  heard(server: number, askedAt: number): boolean {
    const [wall, steady] = [this.wall(), this.steady()];
    const took = steady - askedAt;
    if (!Number.isFinite(server) || took < 0 || (took > TOO_SLOW_MS && this.#isMeasured)) return false;
    this.#offset = server + took / 2 - wall;
    this.#anchor = { wall, steady };
    this.#isMeasured = true;
    return true;
  }

  /** Now, by the server. A clock that is set back meanwhile does not make time go back; one that jumps ahead may have slept. */
  now(): number {
    const wall = this.wall();
    const setBack = this.steady() - this.#anchor.steady - (wall - this.#anchor.wall);
    return wall + this.#offset + (setBack > SET_BACK_MS ? setBack : 0);
  }
}
