// The layer that stays: lanes, hours, bars. It is painted once and shifted as one pans; what comes into sight is painted anew, and so are
// lanes that have changed. Above it lies a second canvas (overlay.ts) for all that follows the pointer.

import type { Zone } from '../time/zone';
import { cellDays, cellsOf, isHeat, paintHeat } from './heat';
import { between, type LaidLane, type Layout } from './layout';
import { paintBar } from './marks';
import type { Model } from './model';
import type { Palette } from './palette';
import { ticks, timeAt, xOf } from './scale';
import type { Box, View } from './types';

export interface Scene {
  model: Model;
  layout: Layout;
  view: View;
  zone: Zone;
  colours: Palette;
  /** Of the body: without axis and lane heads. */
  width: number;
  height: number;
  /** Where it is being dragged from. */
  faded: ReadonlySet<string>;
}

/** Paints what is in a box of the body. */
export function paintBody(pen: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { colours, view, layout } = scene;
  pen.save();
  pen.beginPath();
  pen.rect(box.x, box.y, box.width, box.height);
  pen.clip();
  pen.fillStyle = colours.surface;
  pen.fillRect(box.x, box.y, box.width, box.height);
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  const lanes = layout.lanesIn(box.y + view.scrollY, box.y + box.height + view.scrollY);
  const heat = isHeat(view);
  const known = heat ? undefined : knownIn(scene, box);
  if (known) for (const laid of lanes) paintHours(pen, scene, laid, known);
  if (!heat) paintUnknown(pen, scene, box);
  paintGrid(pen, scene, box);
  for (const laid of lanes) {
    pen.fillStyle = colours.line;
    pen.fillRect(box.x, laid.top + laid.height - view.scrollY - 1, box.width, 1);
    if (heat) paintHeatOf(pen, scene, laid, box);
    else paintBars(pen, scene, laid, box);
  }
  const end = layout.height - view.scrollY;
  if (end < box.y + box.height) {
    pen.fillStyle = colours.background;
    pen.fillRect(box.x, Math.max(box.y, end), box.width, box.height);
  }
  pen.restore();
}

/** What of the box lies before and after the time that is known. */
function paintUnknown(pen: CanvasRenderingContext2D, { view, colours, model }: Scene, box: Box): void {
  const right = box.x + box.width;
  const [from, until] = [xOf(view, model.known.start), xOf(view, model.known.end)];
  pen.fillStyle = colours.hatch;
  if (from > box.x) pen.fillRect(box.x, box.y, Math.min(from, right) - box.x, box.height);
  if (until < right) pen.fillRect(Math.max(until, box.x), box.y, right - Math.max(until, box.x), box.height);
}

/** The part of a box that is known. */
function knownIn({ view, model }: Scene, box: Box): Box | undefined {
  const x = Math.max(box.x, xOf(view, model.known.start));
  const width = Math.min(box.x + box.width, xOf(view, model.known.end)) - x;
  return width > 0 ? { ...box, x, width } : undefined;
}

function paintHours(pen: CanvasRenderingContext2D, { view, colours }: Scene, laid: LaidLane, box: Box): void {
  const y = laid.top - view.scrollY;
  if (laid.lane.open === undefined) {
    pen.fillStyle = colours.hatch;
    pen.fillRect(box.x, y, box.width, laid.height);
    return;
  }
  pen.fillStyle = colours.shade;
  let closedFrom = box.x;
  for (const { start, end } of laid.lane.open) {
    const [left, right] = [xOf(view, start), xOf(view, end)];
    if (right < box.x) continue;
    if (left > closedFrom) pen.fillRect(closedFrom, y, Math.min(left, box.x + box.width) - closedFrom, laid.height);
    closedFrom = Math.max(closedFrom, right);
    if (closedFrom > box.x + box.width) break;
  }
  if (closedFrom < box.x + box.width) pen.fillRect(closedFrom, y, box.x + box.width - closedFrom, laid.height);
}

function paintGrid(pen: CanvasRenderingContext2D, { view, colours, width, zone }: Scene, box: Box): void {
  for (const tick of ticks(view, width, zone)) {
    const x = Math.round(xOf(view, tick.at));
    if (x < box.x - 1 || x > box.x + box.width) continue;
    pen.fillStyle = tick.major ? colours.lineStrong : colours.line;
    pen.globalAlpha = tick.major ? 0.55 : 0.6;
    pen.fillRect(x, box.y, 1, box.height);
  }
  pen.globalAlpha = 1;
}

function paintBars(pen: CanvasRenderingContext2D, scene: Scene, laid: LaidLane, box: Box): void {
  const { view, layout, model, colours, faded } = scene;
  const [from, until] = [timeAt(view, box.x), timeAt(view, box.x + box.width)];
  for (const [index, row] of laid.rows.entries()) {
    const y = Math.round(layout.rowTop(laid, index) - view.scrollY);
    for (const bar of between(row, from, until)) {
      paintBar(pen, bar, y, view, colours, { clash: model.clashes(bar), faded: faded.has(bar.key) });
    }
  }
}

function paintHeatOf(pen: CanvasRenderingContext2D, { view, model, colours, zone }: Scene, laid: LaidLane, box: Box): void {
  const cells = cellsOf(laid, model, timeAt(view, box.x), timeAt(view, box.x + box.width), cellDays(view.msPerPx), zone);
  pen.textBaseline = 'middle';
  paintHeat(pen, laid, cells, view, colours);
}

/** What of the body comes into sight when everything on it shifts by so much: at most two stripes. */
export function uncovered(shiftX: number, shiftY: number, width: number, height: number): Box[] {
  if (Math.abs(shiftX) >= width || Math.abs(shiftY) >= height) return [{ x: 0, y: 0, width, height }];
  const boxes: Box[] = [];
  if (shiftX !== 0) boxes.push({ x: shiftX > 0 ? 0 : width + shiftX, y: 0, width: Math.abs(shiftX), height });
  if (shiftY !== 0) boxes.push({ x: 0, y: shiftY > 0 ? 0 : height + shiftY, width, height: Math.abs(shiftY) });
  return boxes;
}
