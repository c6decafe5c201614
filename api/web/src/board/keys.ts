// The keyboard is the mouse's equal: arrows go from bar to bar, with Alt they move it (Shift for bigger steps), Enter puts it there, Escape
// leaves it. M asks where to, P pins, Delete takes out; + and − zoom.
import type { Board } from './board';
import { placed } from './check';
import { snapStep } from './scale';
import { type Bar, DAY, type Place } from './types';

type Way = 'left' | 'right' | 'up' | 'down';
const WAYS: Record<string, Way> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };

export class Keys {
  readonly #stop = new AbortController();

  constructor(readonly board: Board) {
    board.host.addEventListener('keydown', (event) => this.#press(event), { signal: this.#stop.signal });
  }

  destroy(): void {
    this.#stop.abort();
  }

  #press(event: KeyboardEvent): void {
    const way = WAYS[event.key];
    const done = way !== undefined && !event.ctrlKey && !event.metaKey ? this.#arrow(way, event) : this.#other(event);
    if (done) event.preventDefault();
  }

  #arrow(way: Way, event: KeyboardEvent): boolean {
    if (event.altKey) return this.#shift(way, event.shiftKey);
    const next = this.#next(way);
    if (next === undefined) return true;
    const keys = event.shiftKey ? [...new Set([...this.board.selected, next.key])] : [next.key];
    this.board.propose(undefined);
    this.board.select(keys, next.key);
    this.board.reveal(next.key);
    return true;
  }

  #other(event: KeyboardEvent): boolean {
    const { board } = this;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const bar = board.model.bar(board.focused ?? '');
    if (event.key === 'Enter') return this.#enter(bar);
    if (event.key === 'Escape') return this.#leave();
    if (event.key === '+' || event.key === '=') board.zoom(1 / 1.4);
    else if (event.key === '-') board.zoom(1.4);
    else if (event.key === 'PageUp') board.panBy(-board.width * 0.8, 0);
    else if (event.key === 'PageDown') board.panBy(board.width * 0.8, 0);
    else if (bar === undefined) return false;
    else if (event.key === 'm') board.options.on.asked?.('move', bar);
    else if (event.key === 'p') board.options.on.asked?.('pin', bar);
    else if (event.key === 'Delete') board.options.on.asked?.('out', bar);
    else return false;
    return true;
  }

  #enter(bar: Bar | undefined): boolean {
    if (this.board.proposal) this.board.drop();
    else if (bar) this.board.options.on.asked?.('open', bar);
    return bar !== undefined;
  }

  #leave(): boolean {
    const { board } = this;
    if (board.drag.active) board.drag.end(false);
    else if (board.proposal) board.propose(undefined);
    else if (board.selected.size > 0) board.select([], undefined);
    else return false;
    return true;
  }

  /** The bar beside the focused one; the first in sight where there is none. */
  #next(way: Way): Bar | undefined {
    const { board } = this;
    const bar = board.model.bar(board.focused ?? '');
    if (bar === undefined) return board.layout.within({ x: 0, y: 0, width: board.width, height: board.height }, board.view)[0];
    return way === 'left' || way === 'right' ? this.#along(bar, way) : this.#across(bar, way);
  }

  #along(bar: Bar, way: Way): Bar | undefined {
    const inTurn = [...this.board.model.barsOf(bar.lane)].sort((one, other) => one.start - other.start || one.key.localeCompare(other.key));
    return inTurn[inTurn.indexOf(bar) + (way === 'left' ? -1 : 1)];
  }

  /** The one nearest in time on the next lane that has any. */
  #across(bar: Bar, way: Way): Bar | undefined {
    const { lanes } = this.board.layout;
    const step = way === 'up' ? -1 : 1;
    for (let at = this.board.layout.index(bar.lane) + step; at >= 0 && at < lanes.length; at += step) {
      const bars = this.board.model.barsOf(lanes[at]?.lane.id ?? '');
      let nearest: Bar | undefined;
      for (const one of bars) if (nearest === undefined || distance(one, bar) < distance(nearest, bar)) nearest = one;
      if (nearest) return nearest;
    }
    return undefined;
  }

  /** Proposes a place one step on. */
  #shift(way: Way, far: boolean): boolean {
    const { board } = this;
    const bar = board.model.bar(board.focused ?? '');
    if (bar === undefined || !board.movable(bar)) return true;
    const now = board.proposal?.places.find(({ key }) => key === bar.key) ?? {
      key: bar.key,
      lane: bar.lane,
      start: bar.start,
      end: bar.end,
    };
    board.propose(board.check([this.#step(bar, now, way, far)]));
    return true;
  }

  #step(bar: Bar, now: Place, way: Way, far: boolean): Place {
    const { board } = this;
    if (way === 'up' || way === 'down') {
      if (bar.stays) return now;
      const lane = board.layout.lanes[board.layout.index(now.lane) + (way === 'up' ? -1 : 1)]?.lane.id ?? now.lane;
      return placed(board.model, bar, lane, now.start);
    }
    const step = far ? DAY : snapStep(board.view.msPerPx);
    const sign = way === 'left' ? -1 : 1;
    const to = far ? board.zone.addDays(now.start, sign) : board.zone.round(now.start + sign * step, step);
    return placed(board.model, bar, now.lane, to);
  }
}

const distance = (one: Bar, other: Bar): number => Math.abs(one.start + one.end - other.start - other.end);
