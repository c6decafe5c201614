// Mouse, pen and fingers: click selects, a bar is dragged, the ground pans, with Shift a lasso is drawn; the wheel scrolls, with Ctrl it
// zooms at the cursor; two fingers pinch. A finger that rests on a bar takes hold of it, one that moves at once pans.
import type { Board } from './board';
import type { Bar, Box } from './types';

const REST_MS = 350;
const STILL = 5;

interface Down {
  id: number;
  x: number;
  y: number;
  bar: Bar | undefined;
  does: 'nothing' | 'pan' | 'drag' | 'lasso';
  kind: string;
  timer?: ReturnType<typeof setTimeout>;
}

export class Pointers {
  #down: Down | undefined;
  readonly #fingers = new Map<number, { x: number; y: number }>();
  readonly #stop = new AbortController();

  constructor(readonly board: Board) {
    const { host } = board;
    const { signal } = this.#stop;
    host.style.touchAction = 'none';
    host.addEventListener('pointerdown', (event) => this.#press(event), { signal });
    host.addEventListener('pointermove', (event) => this.#move(event), { signal });
    host.addEventListener('pointerup', (event) => this.#release(event), { signal });
    host.addEventListener('pointercancel', (event) => this.#cancel(event), { signal });
    host.addEventListener('pointerleave', () => this.#hover(undefined), { signal });
    host.addEventListener('dblclick', (event) => this.#open(event), { signal });
    host.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
  }

  destroy(): void {
    clearTimeout(this.#down?.timer);
    this.#stop.abort();
  }

  #barAt(event: MouseEvent, reach: number): Bar | undefined {
    const { x, y } = this.board.toBody(event.clientX, event.clientY);
    return x < 0 || y < 0 ? undefined : this.board.layout.hit(x, y, this.board.view, reach);
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { board } = this;
    board.host.focus({ preventScroll: true });
    board.host.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.#fingers.size === 2) {
      this.#stopWhatWas();
      return;
    }
    const bar = this.#barAt(event, event.pointerType === 'touch' ? 8 : 2);
    const down: Down = { id: event.pointerId, x: event.clientX, y: event.clientY, bar, does: 'nothing', kind: event.pointerType };
    this.#down = down;
    if (event.pointerType === 'touch' && board.movable(bar)) {
      down.timer = setTimeout(() => this.#take(down), REST_MS);
    }
  }

  #take(down: Down): void {
    if (down.bar === undefined) return;
    down.does = 'drag';
    // Nobody is told: what shows the selected bar would push the board aside under the hand.
    if (!this.board.selected.has(down.bar.key)) this.board.selected = new Set([down.bar.key]);
    this.board.focused = down.bar.key;
    this.board.drag.begin(down.bar, this.board.toBody(down.x, down.y).x);
    this.board.host.style.cursor = 'grabbing';
  }

  #move(event: PointerEvent): void {
    const last = this.#fingers.get(event.pointerId);
    if (last && this.#fingers.size === 2) {
      this.#pinch(event, last);
      return;
    }
    const down = this.#down;
    if (down === undefined || down.id !== event.pointerId) {
      this.#hover(this.#barAt(event, 2));
      return;
    }
    if (down.does === 'nothing' && Math.hypot(event.clientX - down.x, event.clientY - down.y) > STILL) this.#decide(down, event);
    if (down.does === 'pan' && last) this.board.panBy(last.x - event.clientX, last.y - event.clientY);
    if (down.does === 'drag') {
      const { x, y } = this.board.toBody(event.clientX, event.clientY);
      this.board.drag.move(x, y);
    }
    if (down.does === 'lasso') this.#stretch(down, event);
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  #decide(down: Down, event: PointerEvent): void {
    clearTimeout(down.timer);
    this.#hover(undefined);
    if (down.kind !== 'touch' && this.board.movable(down.bar)) this.#take(down);
    else if (event.shiftKey) down.does = 'lasso';
    else {
      down.does = 'pan';
      this.board.host.style.cursor = 'grabbing';
    }
  }

  #stretch(down: Down, event: PointerEvent): void {
    const [one, other] = [this.board.toBody(down.x, down.y), this.board.toBody(event.clientX, event.clientY)];
    this.board.lasso = boxOf(one, other);
    this.board.touch();
  }

  #pinch(event: PointerEvent, last: { x: number; y: number }): void {
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) return;
    const apart = Math.max(20, Math.abs(last.x - other.x));
    const now = Math.max(20, Math.abs(event.clientX - other.x));
    const middle = this.board.toBody((event.clientX + other.x) / 2, 0).x;
    this.board.panBy((last.x - event.clientX) / 2, (last.y - event.clientY) / 2);
    this.board.zoom(apart / now, middle);
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  #release(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    const down = this.#down;
    if (down === undefined || down.id !== event.pointerId) return;
    clearTimeout(down.timer);
    this.#down = undefined;
    this.board.host.style.cursor = '';
    if (down.does === 'drag') this.board.drag.end(true);
    else if (down.does === 'lasso') this.#endLasso();
    else if (down.does === 'nothing') this.#click(down.bar, event.ctrlKey || event.metaKey || event.shiftKey);
  }

  #click(bar: Bar | undefined, more: boolean): void {
    const { board } = this;
    if (bar === undefined) board.select([], undefined);
    else if (!more) board.select([bar.key]);
    else {
      const keys = new Set(board.selected);
      if (!keys.delete(bar.key)) keys.add(bar.key);
      board.select([...keys], keys.has(bar.key) ? bar.key : [...keys][0]);
    }
  }

  #endLasso(): void {
    const { board } = this;
    const box = board.lasso;
    board.lasso = undefined;
    if (box) board.select(board.layout.within(box, board.view).map(({ key }) => key));
  }

  #cancel(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    this.#stopWhatWas();
  }

  #stopWhatWas(): void {
    clearTimeout(this.#down?.timer);
    this.#down = undefined;
    this.board.lasso = undefined;
    this.board.host.style.cursor = '';
    this.board.drag.end(false);
    this.board.touch();
  }

  #hover(bar: Bar | undefined): void {
    const { board } = this;
    if (board.hovered === bar?.key && bar === undefined) return;
    board.hovered = bar?.key;
    board.host.style.cursor = bar === undefined ? '' : board.movable(bar) ? 'grab' : 'pointer';
    board.touch();
  }

  #open(event: MouseEvent): void {
    const bar = this.#barAt(event, 2);
    if (bar) this.board.options.on.asked?.('open', bar);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { board } = this;
    const { x, y } = board.toBody(event.clientX, event.clientY);
    const [across, down] = event.deltaMode === 1 ? [event.deltaX * 32, event.deltaY * 32] : [event.deltaX, event.deltaY];
    const zooms = event.ctrlKey || event.metaKey || y < 0 || (!board.scrolls && !event.shiftKey && across === 0);
    if (zooms) board.zoom(1.0018 ** (event.ctrlKey && event.deltaMode === 0 && Math.abs(down) < 30 ? down * 5 : down), Math.max(0, x));
    else if (event.shiftKey && across === 0) board.panBy(down, 0);
    else board.panBy(across, down);
  }
}

const boxOf = (one: { x: number; y: number }, other: { x: number; y: number }): Box => ({
  x: Math.min(one.x, other.x),
  y: Math.min(one.y, other.y),
  width: Math.abs(one.x - other.x),
  height: Math.abs(one.y - other.y),
});
