// How one bar looks. What it is can be told without colour: setup is a block of its own at the front, progress a line along the foot,
// late a flag with hours, a clash a broken edge with a sign, what is unknown hatched, pinned a pin.
import { BAR } from './layout';
import type { Palette } from './palette';
import { xOf } from './scale';
import { type Bar, MINUTE, type View } from './types';

export interface Look {
  clash: boolean;
  faded: boolean;
  /** It began before what is seen: its words stand at the edge. */
  stuck?: boolean;
}

interface Tint {
  fill: string;
  edge: string;
}

function tintOf(bar: Bar, colours: Palette): Tint {
  if (bar.status === 'finished') return { fill: colours.surface, edge: colours.line };
  if (bar.held || bar.status === 'paused' || bar.status === 'blocked') return { fill: colours.heldSoft, edge: colours.heldBar };
  if (bar.status === 'running') return { fill: colours.runningSoft, edge: colours.runningBar };
  return { fill: colours.sunken, edge: colours.plannedBar };
}

/** Minutes after its date, 0 where it is in time. */
export const lateBy = (bar: { end: number; due: number | undefined }): number =>
  bar.due === undefined ? 0 : Math.max(0, Math.round((bar.end - bar.due) / MINUTE));

export const hoursOf = (minutes: number): string => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;

/** As long as fits, without asking the font for each. */
export function cut(text: string, width: number, sign = 6.7): string {
  const fits = Math.floor(width / sign);
  if (text.length <= fits) return text;
  return fits < 3 ? '' : `${text.slice(0, fits - 1)}…`;
}

export function paintBar(pen: CanvasRenderingContext2D, bar: Bar, y: number, view: View, colours: Palette, look: Look): void {
  const x = xOf(view, bar.start);
  const width = Math.max(2, xOf(view, bar.end) - x);
  const tint = tintOf(bar, colours);
  if (look.faded) pen.globalAlpha = 0.35;
  const late = lateBy(bar);
  if (width < 7) paintSliver(pen, x, y, width, late > 0 ? colours.lateBar : look.clash ? colours.riskBar : tint.edge);
  else paintWhole(pen, bar, { x, y, width }, view, colours, tint, look, late);
  if (look.faded) pen.globalAlpha = 1;
}

function paintSliver(pen: CanvasRenderingContext2D, x: number, y: number, width: number, colour: string): void {
  pen.fillStyle = colour;
  pen.fillRect(x, y, Math.max(1.5, width - 0.5), BAR);
}

function paintWhole(
  pen: CanvasRenderingContext2D,
  bar: Bar,
  { x, y, width }: { x: number; y: number; width: number },
  view: View,
  colours: Palette,
  tint: Tint,
  { clash, stuck = false }: Look,
  late: number,
): void {
  pen.fillStyle = tint.fill;
  pen.fillRect(x + 0.5, y, width - 1, BAR);
  const setup = Math.min(width - 1, xOf(view, bar.runStart) - x);
  if (setup > 1.5) paintSetup(pen, x + 0.5, y, setup, colours);
  paintProgress(pen, bar, { x: x + Math.max(0.5, setup), y, width: width - Math.max(0.5, setup) - 0.5 }, colours);
  pen.strokeStyle = clash ? colours.lateBar : tint.edge;
  pen.lineWidth = clash ? 1.5 : 1;
  if (clash) pen.setLineDash([4, 3]);
  pen.strokeRect(x + 1, y + 0.5, width - 2, BAR - 1);
  if (clash) pen.setLineDash([]);
  pen.fillStyle = tint.edge;
  if (bar.status !== 'finished') pen.fillRect(x + 0.5, y, 2.5, BAR);
  const words = setup > 1.5 && setup < width / 2 ? x + setup : x;
  const left = stuck ? Math.max(0, words) : words;
  paintWords(pen, bar, { x: left, y, width: x + width - left }, colours, clash, late);
}

function paintSetup(pen: CanvasRenderingContext2D, x: number, y: number, width: number, colours: Palette): void {
  pen.fillStyle = colours.setupSoft;
  pen.fillRect(x, y, width, BAR);
  pen.fillStyle = colours.setupBar;
  pen.fillRect(x, y + BAR - 4, width, 4);
  pen.fillRect(x + width - 1, y + 3, 1, BAR - 6);
}

function paintProgress(
  pen: CanvasRenderingContext2D,
  bar: Bar,
  { x, y, width }: { x: number; y: number; width: number },
  colours: Palette,
): void {
  if (bar.status === 'waiting' || width <= 1) return;
  if (bar.progress === undefined) {
    pen.fillStyle = colours.hatch;
    pen.fillRect(x, y + BAR - 7, width, 7);
    return;
  }
  const done = Math.min(1, bar.progress) * width;
  pen.fillStyle = bar.status === 'finished' ? colours.line : bar.status === 'running' ? colours.runningBar : colours.heldBar;
  pen.fillRect(x, y + BAR - 4, done, 4);
}

function paintWords(
  pen: CanvasRenderingContext2D,
  bar: Bar,
  { x, y, width }: { x: number; y: number; width: number },
  colours: Palette,
  clash: boolean,
  late: number,
): void {
  let right = x + width - 4;
  if (late > 0) right = paintLate(pen, right, x, y, late, colours);
  if (clash && right - x > 22) right = paintClash(pen, right, y, colours);
  if (bar.status === 'blocked' && right - x > 20) right = paintCall(pen, right, y, colours);
  if (bar.pinned && right - x > 18) right = paintPin(pen, right, y, colours);
  const room = right - x - 8;
  if (room < 22) return;
  pen.font = `560 12px ${colours.font}`;
  pen.fillStyle = bar.status === 'finished' ? colours.muted : colours.text;
  const code = cut(bar.jobCode, room);
  pen.fillText(code, x + 7, y + BAR / 2 - 1);
  const rest = room - code.length * 7 - 6;
  if (rest < 40) return;
  pen.font = `400 12px ${colours.font}`;
  pen.fillStyle = colours.muted;
  pen.fillText(cut(bar.name, rest), x + 7 + code.length * 7 + 6, y + BAR / 2 - 1);
}

/** A flag at the end, with hours and minutes where there is room; gives what is left of it. */
function paintLate(pen: CanvasRenderingContext2D, right: number, x: number, y: number, late: number, colours: Palette): number {
  pen.fillStyle = colours.lateBar;
  pen.fillRect(right + 1, y, 3, BAR);
  pen.beginPath();
  pen.moveTo(right + 1, y);
  pen.lineTo(right - 6, y);
  pen.lineTo(right + 1, y + 8);
  pen.fill();
  const words = `+${hoursOf(late)}`;
  const width = words.length * 6.6 + 8;
  if (right - x < width + 34) return right - 6;
  pen.fillStyle = colours.lateSoft;
  pen.fillRect(right - width - 5, y + 4, width, BAR - 10);
  pen.font = `600 11px ${colours.font}`;
  pen.fillStyle = colours.late;
  pen.fillText(words, right - width - 1, y + BAR / 2 - 1);
  return right - width - 8;
}

function paintClash(pen: CanvasRenderingContext2D, right: number, y: number, colours: Palette): number {
  const [middle, top] = [right - 7, y + 5];
  pen.fillStyle = colours.lateBar;
  pen.beginPath();
  pen.moveTo(middle, top);
  pen.lineTo(middle + 7, top + 12);
  pen.lineTo(middle - 7, top + 12);
  pen.fill();
  pen.fillStyle = colours.surface;
  pen.fillRect(middle - 0.75, top + 4, 1.5, 4);
  pen.fillRect(middle - 0.75, top + 9, 1.5, 1.5);
  return right - 17;
}

/** A call for help: a round sign that says so. */
function paintCall(pen: CanvasRenderingContext2D, right: number, y: number, colours: Palette): number {
  const [middle, top] = [right - 7, y + 5];
  pen.fillStyle = colours.heldBar;
  pen.beginPath();
  pen.arc(middle, top + 6, 7, 0, Math.PI * 2);
  pen.fill();
  pen.fillStyle = colours.surface;
  pen.fillRect(middle - 1, top + 2, 2, 5);
  pen.fillRect(middle - 1, top + 8.5, 2, 2);
  return right - 17;
}

function paintPin(pen: CanvasRenderingContext2D, right: number, y: number, colours: Palette): number {
  const [middle, top] = [right - 5, y + 5];
  pen.fillStyle = colours.text;
  pen.fillRect(middle - 3, top, 6, 6);
  pen.fillRect(middle - 5, top + 6, 10, 2);
  pen.fillRect(middle - 0.75, top + 8, 1.5, 5);
  return right - 14;
}
