// Axis and lane heads: what says when and where. Days and dates above, the hours below them.
import type { LaidLane } from './layout';
import { cut } from './marks';
import type { Scene } from './paint';
import type { Palette } from './palette';
import { type Tick, ticks, timeAt, xOf } from './scale';
import type { LaneState } from './types';

export const AXIS = 44;

/** How the reader writes times; the board itself knows no language. */
export interface Wording {
  hour: (at: number) => string;
  day: (at: number) => string;
  date: (at: number) => string;
  month: (at: number) => string;
}

export function paintAxis(pen: CanvasRenderingContext2D, scene: Scene, left: number, words: Wording): void {
  const { colours, width } = scene;
  pen.save();
  pen.fillStyle = colours.surface;
  pen.fillRect(left, 0, width, AXIS);
  pen.beginPath();
  pen.rect(left, 0, width, AXIS);
  pen.clip();
  pen.translate(left, 0);
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  const marks = ticks(scene.view, width, scene.zone);
  const by = marks[0]?.by ?? 'day';
  paintAbove(pen, scene, by, words);
  pen.font = `400 12px ${colours.font}`;
  for (const tick of marks) {
    const x = Math.round(xOf(scene.view, tick.at));
    pen.fillStyle = tick.major ? colours.lineStrong : colours.line;
    pen.fillRect(x, tick.major ? 22 : 30, 1, AXIS);
    pen.fillStyle = colours.muted;
    pen.fillText(wordOf(tick, words), x + 5, 33);
  }
  pen.restore();
  pen.fillStyle = colours.line;
  pen.fillRect(left, AXIS - 1, width, 1);
}

function wordOf(tick: Tick, words: Wording): string {
  if (tick.by === 'hour') return words.hour(tick.at);
  return tick.by === 'month' ? (words.month(tick.at).split(' ')[0] ?? '') : words.date(tick.at);
}

/** The day of the hours below, or the month of the days: it stays in sight at the left edge. */
function paintAbove(pen: CanvasRenderingContext2D, { view, zone, width, colours }: Scene, by: Tick['by'], words: Wording): void {
  const hours = by === 'hour';
  const until = timeAt(view, width);
  const starts: number[] = [];
  for (let day = zone.dayStart(view.from); day < until; day = zone.addDays(day, 1)) {
    const first = new Date(zone.wall(day)).getUTCDate() === 1;
    if (hours || first || starts.length === 0) starts.push(day);
  }
  pen.font = `600 12px ${colours.font}`;
  pen.fillStyle = colours.text;
  for (const [at, start] of starts.entries()) {
    const next = starts[at + 1];
    const word = hours ? words.day(start) : words.month(Math.max(start, view.from));
    const room = next === undefined ? width : xOf(view, next);
    const x = Math.max(5, xOf(view, start) + 5);
    if (room - x > word.length * 6.4) pen.fillText(word, x, 13);
  }
}

export function paintHeads(pen: CanvasRenderingContext2D, scene: Scene, left: number): void {
  const { colours, height, view, layout } = scene;
  pen.save();
  pen.fillStyle = colours.surface;
  pen.fillRect(0, 0, left, AXIS + height);
  pen.beginPath();
  pen.rect(0, AXIS, left, height);
  pen.clip();
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  for (const laid of layout.lanesIn(view.scrollY, view.scrollY + height))
    paintHead(pen, laid, AXIS + laid.top - view.scrollY, left, colours);
  const end = AXIS + layout.height - view.scrollY;
  pen.fillStyle = colours.background;
  pen.fillRect(0, end, left, Math.max(0, AXIS + height - end));
  pen.restore();
  pen.fillStyle = colours.line;
  pen.fillRect(left - 1, 0, 1, AXIS + height);
  pen.fillRect(0, AXIS - 1, left, 1);
}

function paintHead(pen: CanvasRenderingContext2D, { lane, height }: LaidLane, y: number, left: number, colours: Palette): void {
  const middle = y + height / 2;
  paintState(pen, lane.state, 16, middle, colours);
  pen.fillStyle = colours.text;
  pen.font = `600 13px ${colours.font}`;
  pen.fillText(cut(lane.code, left - 36, 7.6), 30, middle - 8);
  pen.fillStyle = lane.state === 'down' ? colours.late : colours.muted;
  pen.font = `400 12px ${colours.font}`;
  pen.fillText(cut(lane.word === '' ? lane.name : lane.word, left - 36), 30, middle + 9);
  pen.fillStyle = colours.line;
  pen.fillRect(0, y + height - 1, left, 1);
}

/** A shape for each state, the colour beside it. */
function paintState(pen: CanvasRenderingContext2D, state: LaneState, x: number, y: number, colours: Palette): void {
  pen.beginPath();
  if (state === 'running') {
    pen.fillStyle = colours.runningBar;
    pen.moveTo(x - 4, y - 6);
    pen.lineTo(x + 6, y);
    pen.lineTo(x - 4, y + 6);
    pen.fill();
  } else if (state === 'down') {
    pen.fillStyle = colours.lateBar;
    pen.fillRect(x - 6, y - 6, 12, 12);
    pen.fillStyle = colours.surface;
    pen.fillRect(x - 3.5, y - 1.25, 7, 2.5);
  } else if (state === 'setup') {
    pen.fillStyle = colours.setupBar;
    pen.moveTo(x, y - 6);
    pen.lineTo(x + 6, y);
    pen.lineTo(x, y + 6);
    pen.lineTo(x - 6, y);
    pen.fill();
  } else if (state === 'held') {
    pen.fillStyle = colours.heldBar;
    pen.fillRect(x - 5, y - 6, 4, 12);
    pen.fillRect(x + 1, y - 6, 4, 12);
  } else {
    pen.strokeStyle = state === 'idle' ? colours.idleBar : colours.line;
    pen.lineWidth = 1.5;
    pen.arc(x, y, 5, 0, Math.PI * 2);
    pen.stroke();
  }
}
