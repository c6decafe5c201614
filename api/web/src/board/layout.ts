// Where lanes and bars are, down the page: bars of a lane that overlap are stacked. Bars of one row are sorted by start, so that what is in
// a time is found by halving; this is also the hit map, for pointers, tests and readers of the screen.

import { timeAt, xOf } from './scale';
import type { Bar, Box, Lane, View } from './types';

export const ROW = 30;
export const BAR = 26;
export const LANE_LEAST = 42;
const LANE_PAD = 6;
/** More rows than these share the last one. */
const MOST_ROWS = 8;

export interface Row {
  bars: Bar[];
  /** The longest of them: how far back one that reaches into a time may start. */
  longest: number;
}

export interface LaidLane {
  lane: Lane;
  top: number;
  height: number;
  rows: Row[];
  /** In which row each bar is, by its key. */
  rowOf: ReadonlyMap<string, number>;
}

const byStart = (one: Bar, other: Bar): number => one.start - other.start || one.end - other.end || one.operation - other.operation;

/** Each bar in the first row that is free when it starts. */
export function stack(bars: readonly Bar[]): Row[] {
  const rows: (Row & { free: number })[] = [];
  for (const bar of [...bars].sort(byStart)) {
    let row = rows.find(({ free }) => free <= bar.start);
    if (row === undefined && rows.length === MOST_ROWS) row = rows[MOST_ROWS - 1];
    if (row === undefined) {
      row = { bars: [], longest: 0, free: 0 };
      rows.push(row);
    }
    row.bars.push(bar);
    row.longest = Math.max(row.longest, bar.end - bar.start);
    row.free = Math.max(row.free, bar.end);
  }
  return rows;
}

const heightOf = (rows: number): number => Math.max(LANE_LEAST, Math.max(1, rows) * ROW + LANE_PAD);

function indexed(rows: readonly Row[]): Map<string, number> {
  const rowOf = new Map<string, number>();
  for (const [index, { bars }] of rows.entries()) for (const { key } of bars) rowOf.set(key, index);
  return rowOf;
}

export class Layout {
  lanes: LaidLane[] = [];
  height = 0;
  readonly #at = new Map<string, number>();

  set(lanes: readonly Lane[], barsOf: (lane: string) => readonly Bar[]): void {
    this.lanes = lanes.map((lane) => {
      const rows = stack(barsOf(lane.id));
      return { lane, top: 0, height: 0, rows, rowOf: indexed(rows) };
    });
    this.#at.clear();
    for (const [index, { lane }] of this.lanes.entries()) this.#at.set(lane.id, index);
    this.#place();
  }

  /** Stacks one lane anew; gives whether what is below it has moved. */
  restack(id: string, bars: readonly Bar[]): boolean {
    const laid = this.lane(id);
    if (laid === undefined) return false;
    laid.rows = stack(bars);
    laid.rowOf = indexed(laid.rows);
    const moved = heightOf(laid.rows.length) !== laid.height;
    if (moved) this.#place();
    return moved;
  }

  /** The lane itself has changed, what is on it has not. */
  setLane(lane: Lane): void {
    const laid = this.lane(lane.id);
    if (laid) laid.lane = lane;
  }

  #place(): void {
    let top = 0;
    for (const laid of this.lanes) {
      laid.top = top;
      laid.height = heightOf(laid.rows.length);
      top += laid.height;
    }
    this.height = top;
  }

  index(id: string): number {
    return this.#at.get(id) ?? -1;
  }

  lane(id: string): LaidLane | undefined {
    return this.lanes[this.index(id)];
  }

  /** The lane at this height of the whole board. */
  laneAt(y: number): LaidLane | undefined {
    let [low, high] = [0, this.lanes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const laid = this.lanes[middle];
      if (laid !== undefined && laid.top + laid.height <= y) low = middle + 1;
      else high = middle;
    }
    const found = this.lanes[low];
    return found !== undefined && y >= found.top ? found : undefined;
  }

  /** Lanes between two heights, without looking at the others. */
  lanesIn(top: number, bottom: number): LaidLane[] {
    const first = this.laneAt(Math.max(0, top));
    if (first === undefined) return [];
    const found: LaidLane[] = [];
    for (let index = this.index(first.lane.id); index < this.lanes.length; index += 1) {
      const laid = this.lanes[index];
      if (laid === undefined || laid.top >= bottom) break;
      found.push(laid);
    }
    return found;
  }

  rowTop(laid: LaidLane, row: number): number {
    const free = laid.height - laid.rows.length * ROW;
    return laid.top + free / 2 + row * ROW + (ROW - BAR) / 2;
  }

  boxOf(bar: Bar, view: View): Box | undefined {
    const laid = this.lane(bar.lane);
    const row = laid?.rowOf.get(bar.key);
    if (laid === undefined || row === undefined) return undefined;
    return { ...across(bar, view), y: this.rowTop(laid, row) - view.scrollY, height: BAR };
  }

  /** What is under a point of the body; narrow bars can be met two pixels beside them. */
  hit(x: number, y: number, view: View, reach = 2): Bar | undefined {
    const laid = this.laneAt(y + view.scrollY);
    if (laid === undefined) return undefined;
    const [from, until] = [timeAt(view, x - reach), timeAt(view, x + reach)];
    let found: Bar | undefined;
    for (const [index, row] of laid.rows.entries()) {
      const top = this.rowTop(laid, index) - view.scrollY;
      if (y < top - reach || y > top + BAR + reach) continue;
      for (const bar of between(row, from, until)) found = bar;
    }
    return found;
  }

  /** All bars that a rectangle of the body touches. */
  within(box: Box, view: View): Bar[] {
    const found: Bar[] = [];
    const [from, until] = [timeAt(view, box.x), timeAt(view, box.x + box.width)];
    for (const laid of this.lanesIn(box.y + view.scrollY, box.y + box.height + view.scrollY)) {
      for (const [index, row] of laid.rows.entries()) {
        const top = this.rowTop(laid, index) - view.scrollY;
        if (top <= box.y + box.height && top + BAR >= box.y) found.push(...between(row, from, until));
      }
    }
    return found;
  }
}

/** Left edge and width; nothing is thinner than two pixels. */
export function across(bar: { start: number; end: number }, view: View): { x: number; width: number } {
  const x = xOf(view, bar.start);
  return { x, width: Math.max(2, xOf(view, bar.end) - x) };
}

/** Bars of a row that reach into a time, by start. */
export function* between(row: Row, from: number, until: number): Generator<Bar> {
  const { bars } = row;
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars[middle]?.start ?? 0) < from - row.longest) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < bars.length; at += 1) {
    const bar = bars[at];
    if (bar === undefined || bar.start > until) return;
    if (bar.end >= from) yield bar;
  }
}
