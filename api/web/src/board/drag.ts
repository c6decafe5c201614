// Dragging bars in time and to other lanes: to marks of the clock and to edges of others, scrolling by itself near the edges.
import type { Board } from './board';
import { placed } from './check';
import { snap, timeAt } from './scale';
import type { Bar, Place } from './types';

/** From here on to the edge the board scrolls, faster the nearer. */
const EDGE = 36;
const NOTHING: ReadonlySet<string> = new Set();

interface Grip {
  bars: Bar[];
  /** What is under the pointer. */
  held: Bar;
  /** How far into it the pointer has it. */
  into: number;
  /** It is not on the board yet. */
  stranger: boolean;
  at: { x: number; y: number } | undefined;
}

export class Drag {
  keys: ReadonlySet<string> = NOTHING;
  #grip: Grip | undefined;

  constructor(readonly board: Board) {}

  get active(): boolean {
    return this.#grip !== undefined;
  }

  /** Takes hold of a bar, and with it of all that is selected where it is one of them. */
  begin(held: Bar, x: number): void {
    const { board } = this;
    const along = board.selected.has(held.key) ? [...board.selected] : [];
    const bars = [held, ...along.flatMap((key) => (key === held.key ? [] : (board.model.bar(key) ?? [])))].filter((bar) =>
      board.movable(bar),
    );
    this.#grip = { bars, held, into: timeAt(board.view, x) - held.start, stranger: false, at: undefined };
    this.keys = new Set(bars.map(({ key }) => key));
    board.repaintLanes(bars.map(({ lane }) => lane));
  }

  /** Something from outside that has no place yet. */
  beginOutside(held: Bar): void {
    this.#grip = { bars: [held], held, into: 0, stranger: true, at: undefined };
  }

  move(x: number, y: number): void {
    if (this.#grip === undefined) return;
    this.#grip.at = { x, y };
    this.board.touch();
  }

  /** In each frame: scrolls near the edges, and proposes where the pointer is. */
  frame(): void {
    const { board } = this;
    const grip = this.#grip;
    if (grip?.at === undefined) return;
    const { x, y } = grip.at;
    if (grip.stranger && (x < 0 || y < 0 || x > board.width || y > board.height)) {
      if (board.proposal) board.propose(undefined);
      return;
    }
    const [right, down] = [pull(x, board.width), board.scrolls ? pull(y, board.height) : 0];
    if (right !== 0 || down !== 0) board.panBy(right, down);
    const places = this.#places(grip, x, y);
    if (!same(places, board.proposal?.places)) board.propose(board.check(places, grip.stranger ? grip.held : undefined));
    if (right !== 0 || down !== 0) board.touch();
  }

  #places({ bars, held, into, stranger }: Grip, x: number, y: number): Place[] {
    const { board } = this;
    const under = held.stays ? undefined : board.layout.laneAt(y + board.view.scrollY);
    const lane = under?.lane.id ?? (stranger ? (board.model.lanes[0]?.id ?? '') : held.lane);
    const wanted = timeAt(board.view, x) - into;
    const start = snap(wanted, this.#edges(lane, wanted), board.view, board.zone);
    return bars.map((bar) => {
      const to = bar.lane === held.lane && !bar.stays ? lane : bar.lane;
      const at = start + (bar.start - held.start);
      return stranger ? { key: bar.key, lane: to, start: at, end: at + (bar.end - bar.start) } : placed(board.model, bar, to, at);
    });
  }

  /** Where others end and where shifts begin, near where it is. */
  #edges(lane: string, near: number): number[] {
    const { model, view } = this.board;
    const reach = 24 * view.msPerPx;
    const ends = model.barsOf(lane).flatMap((bar) => (this.keys.has(bar.key) ? [] : [bar.end]));
    const opens = model.lane(lane)?.open?.map(({ start }) => start) ?? [];
    return [...ends, ...opens].filter((edge) => Math.abs(edge - near) < reach);
  }

  end(drop: boolean): void {
    const grip = this.#grip;
    if (grip === undefined) return;
    const changed = this.#changed(grip);
    this.#grip = undefined;
    const lanes = grip.bars.map(({ lane }) => lane);
    this.keys = NOTHING;
    this.board.repaintLanes(lanes);
    if (drop && changed) this.board.drop();
    else this.board.propose(undefined);
  }

  #changed({ held, stranger }: Grip): boolean {
    const place = this.board.proposal?.places.find(({ key }) => key === held.key);
    return place !== undefined && (stranger || place.lane !== held.lane || place.start !== held.start);
  }
}

function pull(at: number, size: number): number {
  if (at < EDGE) return -Math.min(18, (EDGE - at) / 2);
  return at > size - EDGE ? Math.min(18, (at - size + EDGE) / 2) : 0;
}

function same(places: readonly Place[], others: readonly Place[] | undefined): boolean {
  const [first, other] = [places[0], others?.[0]];
  return (
    first !== undefined &&
    other !== undefined &&
    first.lane === other.lane &&
    first.start === other.start &&
    places.length === others?.length
  );
}
