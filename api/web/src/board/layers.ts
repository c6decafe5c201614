// The two canvases. The lower one is painted once and shifted as one pans; the upper one is small and painted whole.
import { AXIS, paintAxis, paintHeads, type Wording } from './frame';
import { type Above, paintOverlay } from './overlay';
import { paintBody, type Scene, uncovered } from './paint';
import type { Box, View } from './types';

export class Layers {
  /** Pixels of the screen for one of the page. */
  scale = 1;
  readonly #base = document.createElement('canvas');
  readonly #above = document.createElement('canvas');
  #gutter = 0;
  #painted: View | undefined;
  readonly #lanes = new Set<string>();

  constructor(host: HTMLElement) {
    for (const canvas of [this.#base, this.#above]) {
      canvas.style.position = 'absolute';
      canvas.style.left = '0';
      canvas.style.top = '0';
      canvas.setAttribute('aria-hidden', 'true');
      host.append(canvas);
    }
    this.#above.style.pointerEvents = 'none';
  }

  remove(): void {
    this.#base.remove();
    this.#above.remove();
  }

  resize(gutter: number, width: number, height: number): void {
    this.scale = window.devicePixelRatio || 1;
    this.#gutter = gutter;
    resizeTo(this.#base, width + gutter, height + AXIS, this.scale);
    resizeTo(this.#above, width, height, this.scale);
    this.#above.style.left = `${gutter}px`;
    this.#above.style.top = `${AXIS}px`;
  }

  /** All is painted anew. */
  forget(): void {
    this.#painted = undefined;
  }

  forgetLanes(lanes: Iterable<string>): void {
    for (const lane of lanes) this.#lanes.add(lane);
  }

  paint(scene: Scene, over: Above, words: Wording): void {
    const [base, above] = [this.#base.getContext('2d'), this.#above.getContext('2d')];
    if (base === null || above === null || scene.width <= 0 || scene.height <= 0) return;
    base.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    this.#paintBase(base, scene, words);
    above.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    above.clearRect(0, 0, scene.width, scene.height);
    paintOverlay(above, scene, over);
  }

  #paintBase(pen: CanvasRenderingContext2D, scene: Scene, words: Wording): void {
    const [was, { view, width, height }] = [this.#painted, scene];
    if (was === view && this.#lanes.size === 0) return;
    const boxes = this.#shifted(pen, was, scene);
    for (const id of this.#lanes) {
      const laid = scene.layout.lane(id);
      if (laid) boxes.push({ x: 0, y: laid.top - view.scrollY, width, height: laid.height });
    }
    this.#lanes.clear();
    pen.save();
    pen.beginPath();
    pen.rect(this.#gutter, AXIS, width, height);
    pen.clip();
    pen.translate(this.#gutter, AXIS);
    for (const box of boxes) paintBody(pen, scene, box);
    pen.restore();
    if (was !== view) paintAxis(pen, scene, this.#gutter, words);
    paintHeads(pen, scene, this.#gutter);
    this.#painted = view;
  }

  /** Shifts what is painted to where it is now; gives what has to be painted. */
  #shifted(pen: CanvasRenderingContext2D, was: View | undefined, { view, width, height }: Scene): Box[] {
    const all = [{ x: 0, y: 0, width, height }];
    if (was === undefined || was.msPerPx !== view.msPerPx) return all;
    const x = Math.round(((was.from - view.from) / view.msPerPx) * this.scale) / this.scale;
    const y = was.scrollY - view.scrollY;
    if (x === 0 && y === 0) return [];
    if (Math.abs(x) >= width || Math.abs(y) >= height || !Number.isInteger(y * this.scale)) return all;
    const boxes = uncovered(x, y, width, height);
    const whole = (one: number) => Math.round(one * this.scale);
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.beginPath();
    pen.rect(whole(this.#gutter), whole(AXIS), whole(width), whole(height));
    pen.clip();
    pen.drawImage(this.#base, whole(x), whole(y));
    pen.restore();
    return boxes;
  }
}

function resizeTo(canvas: HTMLCanvasElement, width: number, height: number, scale: number): void {
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}
