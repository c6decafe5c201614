// The planning board: thousands of bars on lanes of machines or people, at the speed of the hand. Pure TypeScript on two canvases; it knows
// no React, no network and no language. Who uses it gives lanes and bars (model.ts), hears what people want and says how times are
// written (options.ts).
//
//   zone, scale    between instants, clocks on walls and pixels        layout   where bars are; the hit map
//   check          what does not go together                          paint, marks, heat, frame   the layer that stays
//   overlay        the layer that follows the pointer                 drag, pointer, keys   what people do
//
// One loop of frames paints only what has changed: a pan shifts the picture and paints the stripe that comes into sight, a change of a bar
// paints its lane, a drag paints the upper layer alone.

import { type Zone, zoneOf } from '../time/zone';
import { checkPlaces } from './check';
import { Drag } from './drag';
import { AXIS } from './frame';
import { Keys } from './keys';
import { Layers } from './layers';
import { Layout } from './layout';
import { Model } from './model';
import type { BoardOptions, Hit } from './options';
import type { Above } from './overlay';
import type { Scene } from './paint';
import { readPalette } from './palette';
import { Pointers } from './pointer';
import { MOST_SEEN, timeAt, xOf, zoomAt } from './scale';
import { type Bar, type Box, HOUR, type Lane, type Place, type Proposal, type Span, type View } from './types';

export class Board {
  readonly model = new Model();
  readonly layout = new Layout();
  readonly drag: Drag;
  options: BoardOptions;
  zone: Zone;
  view: View = { from: 0, msPerPx: HOUR / 40, scrollY: 0 };
  selected: Set<string> = new Set();
  focused: string | undefined;
  hovered: string | undefined;
  lasso: Box | undefined;
  proposal: Proposal | undefined;
  width = 0;
  height = 0;
  gutter = 148;
  now = 0;

  readonly #layers: Layers;
  readonly #keys: Keys;
  readonly #pointers: Pointers;
  readonly #resized: ResizeObserver;
  #ghosts: readonly Place[] = [];
  #marked: readonly string[] = [];
  #colours;
  #frame = 0;
  #warning = '';
  #viewedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly host: HTMLElement,
    options: BoardOptions,
  ) {
    this.options = options;
    this.zone = zoneOf(options.zone);
    this.#colours = readPalette(host);
    this.#layers = new Layers(host);
    this.drag = new Drag(this);
    this.#keys = new Keys(this);
    this.#pointers = new Pointers(this);
    this.#resized = new ResizeObserver(() => this.resize());
    this.#resized.observe(host);
    this.resize();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#viewedTimer);
    this.#resized.disconnect();
    this.#keys.destroy();
    this.#pointers.destroy();
    this.#layers.remove();
  }

  resize(): void {
    const { width, height } = this.host.getBoundingClientRect();
    this.gutter = width < 560 ? 92 : 148;
    this.width = Math.max(0, Math.floor(width) - this.gutter);
    this.height = Math.max(0, Math.floor(height) - AXIS);
    this.#layers.resize(this.gutter, this.width, this.height);
    this.scrollTo(this.view.scrollY);
    this.repaint();
  }

  /** Light and dark have changed. */
  readColours(): void {
    this.#colours = readPalette(this.host);
    this.repaint();
  }

  setNow(now: number): void {
    this.now = now;
    this.touch();
  }

  /** Lanes and bars of the time that is `known`; all of it where that is not said. */
  set(lanes: readonly Lane[], bars: readonly Bar[], known?: Span): void {
    this.model.set(lanes, bars, known);
    this.layout.set(lanes, (lane) => this.model.barsOf(lane));
    this.#keepSelected();
    this.repaint();
  }

  /** One lane as it is now; its bars stay. */
  setLane(lane: Lane): void {
    this.model.setLane(lane);
    this.layout.setLane(lane);
    this.repaintLanes([lane.id]);
  }

  patch(bars: readonly Bar[], gone: readonly string[]): void {
    const lanes = this.model.patch(bars, gone);
    let moved = false;
    for (const lane of lanes) moved = this.layout.restack(lane, this.model.barsOf(lane)) || moved;
    this.#keepSelected();
    if (moved) this.repaint();
    else this.repaintLanes(lanes);
  }

  setGhosts(ghosts: readonly Place[]): void {
    this.#ghosts = ghosts;
    this.touch();
  }

  /** Bars that differ from something else: outlined, whatever is selected. */
  setMarked(keys: readonly string[]): void {
    this.#marked = keys;
    this.touch();
  }

  select(keys: readonly string[], focused: string | undefined = keys[0]): void {
    // What the keyboard proposed for another bar is not what Enter is meant for any more.
    if (!this.drag.active && this.proposal && !this.proposal.places.every(({ key }) => keys.includes(key))) this.propose(undefined);
    this.selected = new Set(keys);
    this.focused = focused;
    this.options.on.selected?.(keys, focused === undefined ? undefined : this.model.bar(focused));
    this.touch();
  }

  /** Scrolls as far as it takes to see a bar. */
  reveal(key: string): void {
    const bar = this.model.bar(key);
    const box = bar && this.layout.boxOf(bar, this.view);
    if (!bar || !box) return;
    const right = Math.min(box.x + box.width, box.x + this.width / 2);
    if (box.x < 24) this.panBy(box.x - 60, 0);
    else if (right > this.width - 24) this.panBy(right - this.width + 60, 0);
    if (box.y < 4) this.panBy(0, box.y - 8);
    else if (box.y + box.height > this.height - 4) this.panBy(0, box.y + box.height - this.height + 8);
  }

  show(from: number, until: number): void {
    this.view = { ...this.view, from, msPerPx: Math.max(1, Math.min(until - from, MOST_SEEN) / Math.max(1, this.width)) };
    this.#viewChanged();
  }

  /** By whole pixels of the screen, so that what is painted can be shifted. */
  panBy(x: number, y: number): void {
    const whole = Math.round(x * this.#layers.scale) / this.#layers.scale;
    this.view = { ...this.view, from: this.view.from + whole * this.view.msPerPx };
    this.scrollTo(this.view.scrollY + y);
    this.#viewChanged();
  }

  scrollTo(y: number): void {
    const most = Math.max(0, this.layout.height - this.height);
    this.view = { ...this.view, scrollY: Math.round(Math.min(most, Math.max(0, y))) };
    this.touch();
  }

  zoom(factor: number, x: number = this.width / 2): void {
    this.view = zoomAt(this.view, x, factor, this.width);
    this.#viewChanged();
  }

  get until(): number {
    return timeAt(this.view, this.width);
  }

  /** Whether there is more below or above than fits. */
  get scrolls(): boolean {
    return this.layout.height > this.height;
  }

  propose(proposal: Proposal | undefined): void {
    this.proposal = proposal;
    this.#warning = proposal === undefined ? '' : this.options.warn(proposal);
    this.options.on.proposed?.(proposal);
    this.touch();
  }

  check(places: Place[], stranger?: Bar): Proposal {
    return { places, conflicts: checkPlaces(this.model, places, this.now, stranger) };
  }

  drop(): void {
    const proposal = this.proposal;
    this.propose(undefined);
    if (proposal) this.options.on.dropped?.(proposal);
  }

  movable(bar: Bar | undefined): boolean {
    return this.options.mayMove && bar?.status === 'waiting';
  }

  /** A point of the window on the body. */
  toBody(clientX: number, clientY: number): { x: number; y: number } {
    const { left, top } = this.host.getBoundingClientRect();
    return { x: clientX - left - this.gutter, y: clientY - top - AXIS };
  }

  /** All bars in sight, where they are in the window: for tests and for readers of the screen. */
  hits(): Hit[] {
    const { left, top } = this.host.getBoundingClientRect();
    return this.layout.within({ x: 0, y: 0, width: this.width, height: this.height }, this.view).flatMap((bar) => {
      const box = this.layout.boxOf(bar, this.view);
      return box ? [{ key: bar.key, ...box, x: box.x + left + this.gutter, y: box.y + top + AXIS }] : [];
    });
  }

  /** Where a lane and an instant are in the window. */
  pointOf(lane: string, at: number): { x: number; y: number } | undefined {
    const laid = this.layout.lane(lane);
    const { left, top } = this.host.getBoundingClientRect();
    return laid && { x: left + this.gutter + xOf(this.view, at), y: top + AXIS + laid.top + laid.height / 2 - this.view.scrollY };
  }

  repaint(): void {
    this.#layers.forget();
    this.touch();
  }

  repaintLanes(lanes: Iterable<string>): void {
    this.#layers.forgetLanes(lanes);
    this.touch();
  }

  /** The next frame has something to do. */
  touch(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  /** Paints at once, for who prints or measures. */
  flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#paint();
  }

  #paint(): void {
    this.#frame = 0;
    this.drag.frame();
    this.#layers.paint(this.#scene(), this.#overlay(), this.options.words);
  }

  #scene(): Scene {
    const { model, layout, view, zone, width, height } = this;
    return { model, layout, view, zone, colours: this.#colours, width, height, faded: this.drag.keys };
  }

  #overlay(): Above {
    const { selected, focused, hovered, proposal, lasso, now } = this;
    const [ghosts, marked, warning] = [this.#ghosts, this.#marked, this.#warning];
    const under = hovered === undefined ? undefined : this.model.bar(hovered);
    const told = under && this.options.tell?.(under);
    return { selected, focused, hovered, told, proposal, warning, lasso, ghosts, marked, now };
  }

  #viewChanged(): void {
    this.touch();
    clearTimeout(this.#viewedTimer);
    this.#viewedTimer = setTimeout(() => this.options.on.viewed?.(this.view.from, this.until), 250);
  }

  #keepSelected(): void {
    const kept = [...this.selected].filter((key) => this.model.bar(key) !== undefined);
    if (kept.length !== this.selected.size) this.select(kept, kept[0]);
  }
}
