// Views that the board has written into the address by itself. They come back from there a while later, when it may have been panned on:
// such an address says nothing new, and must not put the board back.
import type { Window } from './useBoardData';

/** Addresses are written in whole milliseconds. */
const isSame = (one: Window, other: Window): boolean => Math.abs(one.from - other.from) < 2 && Math.abs(one.until - other.until) < 2;

export class OwnViews {
  #written: Window[] = [];

  wrote(view: Window): void {
    this.#written.push(view);
  }

  /** Whether it is one of them. It and those before it are done with: whoever goes back to one later means it. */
  has(view: Window): boolean {
    const at = this.#written.findLastIndex((one) => isSame(one, view));
    this.#written = at < 0 ? [] : this.#written.slice(at + 1);
    return at >= 0;
  }
}
