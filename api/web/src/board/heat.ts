// Fully zoomed out bars are dust: then each lane shows how full it is by days or weeks, and where things clash or come late.

import type { Zone } from '../time/zone';
import { openTime } from './check';
import { BAR, between, type LaidLane } from './layout';
import { lateBy } from './marks';
import type { Model } from './model';
import type { Palette } from './palette';
import { timeAt, xOf } from './scale';
import { DAY, HOUR, type View } from './types';

/** From here on bars are drawn as heat. */
export const HEAT_FROM = HOUR / 2.2;

export const isHeat = (view: View): boolean => view.msPerPx > HEAT_FROM;

export interface Cell {
  start: number;
  end: number;
  /** Planned time against open time; undefined where hours are unknown or not all of it is loaded, infinite where something is planned and nothing is open. */
  load: number | undefined;
  clashes: number;
  late: number;
}

/** Days, or as many of them as make a cell worth looking at. */
export function cellDays(msPerPx: number): number {
  const wanted = (22 * msPerPx) / DAY;
  return wanted <= 1 ? 1 : wanted <= 7 ? 7 : 28;
}

export function cellsOf(laid: LaidLane, model: Model, from: number, until: number, days: number, zone: Zone): Cell[] {
  const cells: Cell[] = [];
  const first = zone.dayStart(from);
  // Weeks begin on the same Monday wherever one looks from.
  const past = Math.floor(zone.wall(first) / DAY) + 3;
  for (let start = zone.addDays(first, -(((past % days) + days) % days)); start < until; ) {
    const end = zone.addDays(start, days);
    cells.push(cellOf(laid, model, start, end));
    start = end;
  }
  return cells;
}

function cellOf(laid: LaidLane, model: Model, start: number, end: number): Cell {
  const { lane } = laid;
  let [planned, clashes, late] = [0, 0, 0];
  for (const row of laid.rows) {
    for (const bar of between(row, start, end)) {
      const [began, over] = [Math.max(bar.start, start), Math.min(bar.end, end)];
      if (over <= began) continue;
      planned += openTime(lane.open, began, over);
      if (model.clashes(bar)) clashes += 1;
      if (bar.end > start && bar.end <= end && lateBy(bar) > 0) late += 1;
    }
  }
  const open = openTime(lane.open, start, end) * lane.capacity;
  const isKnown = lane.open !== undefined && start >= model.known.start && end <= model.known.end;
  const load = !isKnown ? undefined : open > 0 ? planned / open : planned > 0 ? Number.POSITIVE_INFINITY : 0;
  return { start, end, load, clashes, late };
}

export function paintHeat(pen: CanvasRenderingContext2D, laid: LaidLane, cells: readonly Cell[], view: View, colours: Palette): void {
  const y = laid.top - view.scrollY + (laid.height - BAR) / 2;
  for (const cell of cells) {
    const x = Math.round(xOf(view, cell.start)) + 1;
    const width = Math.round(xOf(view, cell.end)) - x - 1;
    paintLoad(pen, cell, x, y, width, colours);
    if (cell.late > 0) paintFlag(pen, x + width, y, colours);
    if (cell.clashes > 0) {
      pen.strokeStyle = colours.lateBar;
      pen.lineWidth = 1.5;
      pen.setLineDash([4, 3]);
      pen.strokeRect(x + 0.75, y + 0.75, width - 1.5, BAR - 1.5);
      pen.setLineDash([]);
    }
  }
}

function paintFlag(pen: CanvasRenderingContext2D, right: number, y: number, colours: Palette): void {
  pen.fillStyle = colours.lateBar;
  pen.beginPath();
  pen.moveTo(right, y);
  pen.lineTo(right - 9, y);
  pen.lineTo(right, y + 9);
  pen.fill();
}

function tintOf(load: number, colours: Palette): [string, string] {
  if (load > 1.005) return [colours.lateSoft, colours.lateBar];
  return load > 0.9 ? [colours.riskSoft, colours.riskBar] : [colours.setupSoft, colours.setupBar];
}

function paintLoad(pen: CanvasRenderingContext2D, cell: Cell, x: number, y: number, width: number, colours: Palette): void {
  pen.fillStyle = colours.sunken;
  pen.fillRect(x, y, width, BAR);
  if (cell.load === undefined) {
    pen.fillStyle = colours.hatch;
    pen.fillRect(x, y, width, BAR);
    return;
  }
  if (cell.load <= 0) return;
  const full = Math.min(1, cell.load);
  const [soft, bar] = tintOf(cell.load, colours);
  pen.globalAlpha = 0.3 + 0.7 * full;
  pen.fillStyle = soft;
  pen.fillRect(x, y, width, BAR);
  pen.globalAlpha = 1;
  // As long as it is full, so that nobody has to know the colours.
  pen.fillStyle = bar;
  pen.fillRect(x, y + BAR - 5, Math.max(2, full * width), 5);
  if (width < 34) return;
  const words = Number.isFinite(cell.load) ? `${Math.round(cell.load * 100)}%` : '∞';
  pen.font = `520 11px ${colours.font}`;
  pen.fillStyle = colours.text;
  pen.fillText(words, x + 5, y + BAR / 2 - 2);
}

/** The part of time that a canvas shows, for cells. */
export const shown = (view: View, width: number): [number, number] => [view.from, timeAt(view, width)];
