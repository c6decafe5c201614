// The layer that follows the pointer: what is selected, its job's line of operations, what is being dragged and what is in its way, a
// found plan as ghosts, now. It is small, and painted whole each time.
import { isHeat } from './heat';
import { across, BAR, between, ROW } from './layout';
import { cut, paintBar } from './marks';
import type { Scene } from './paint';
import { timeAt, xOf } from './scale';
import type { Bar, Box, Place, Proposal } from './types';

export interface Above {
  selected: ReadonlySet<string>;
  focused: string | undefined;
  hovered: string | undefined;
  /** What the bar under the mouse is: its name, and what there is to say of it. */
  told: readonly [name: string, said: string] | undefined;
  /** What would go where, as it is dragged or moved by keys. */
  proposal: Proposal | undefined;
  warning: string;
  lasso: Box | undefined;
  /** Where a plan that was found would put things. */
  ghosts: readonly Place[];
  /** Bars that are elsewhere in what is compared. */
  marked: readonly string[];
  now: number;
}

export function paintOverlay(pen: CanvasRenderingContext2D, scene: Scene, above: Above): void {
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  if (!isHeat(scene.view)) paintStuck(pen, scene);
  paintNow(pen, scene, above);
  for (const ghost of above.ghosts) paintGhost(pen, scene, ghost);
  for (const key of above.marked) paintMarked(pen, scene, key);
  const job = scene.model.bar(above.focused ?? '')?.job;
  if (job !== undefined && above.proposal === undefined) paintChain(pen, scene, job);
  if (above.hovered !== undefined && !above.selected.has(above.hovered)) outline(pen, scene, above.hovered, scene.colours.lineStrong, 1.5);
  for (const key of above.selected) outline(pen, scene, key, scene.colours.accent, key === above.focused ? 2.5 : 1.5);
  if (above.lasso) paintLasso(pen, scene, above.lasso);
  if (above.proposal) paintProposal(pen, scene, above.proposal, above.warning);
  else if (above.hovered !== undefined && above.told && !above.lasso) paintTold(pen, scene, above.hovered, above.told);
}

/** What began before the left edge says there what it is. */
function paintStuck(pen: CanvasRenderingContext2D, { layout, view, model, colours, height, faded }: Scene): void {
  for (const laid of layout.lanesIn(view.scrollY, view.scrollY + height)) {
    for (const [index, row] of laid.rows.entries()) {
      const y = Math.round(layout.rowTop(laid, index) - view.scrollY);
      for (const bar of between(row, view.from, view.from)) {
        if (bar.start >= view.from || faded.has(bar.key)) continue;
        paintBar(pen, bar, y, view, colours, { clash: model.clashes(bar), faded: false, stuck: true });
      }
    }
  }
}

function paintNow(pen: CanvasRenderingContext2D, { view, height, width, colours }: Scene, { now }: Above): void {
  const x = Math.round(xOf(view, now));
  if (x < 0 || x > width) return;
  pen.fillStyle = colours.accent;
  pen.fillRect(x - 0.75, 0, 1.5, height);
  pen.beginPath();
  pen.moveTo(x - 5, 0);
  pen.lineTo(x + 5, 0);
  pen.lineTo(x, 6);
  pen.fill();
}

/** Where a bar is, if that is in sight. */
function boxIn(scene: Scene, key: string): Box | undefined {
  const bar = scene.model.bar(key);
  const box = bar && scene.layout.boxOf(bar, scene.view);
  return box && inSight(box, scene) ? box : undefined;
}

function outline(pen: CanvasRenderingContext2D, scene: Scene, key: string, colour: string, thick: number): void {
  const box = boxIn(scene, key);
  if (box) strokeAround(pen, box, colour, thick);
}

function strokeAround(pen: CanvasRenderingContext2D, box: Box, colour: string, thick: number): void {
  pen.strokeStyle = colour;
  pen.lineWidth = thick;
  pen.strokeRect(box.x - 1, Math.round(box.y) - 1, box.width + 2, box.height + 2);
}

/** Dots along it and a wedge at its corner: it differs. */
function paintMarked(pen: CanvasRenderingContext2D, scene: Scene, key: string): void {
  const box = boxIn(scene, key);
  if (!box) return;
  pen.setLineDash([2, 3]);
  strokeAround(pen, box, scene.colours.accent, 2);
  pen.setLineDash([]);
  pen.fillStyle = scene.colours.accent;
  pen.beginPath();
  pen.moveTo(box.x - 1, box.y - 1);
  pen.lineTo(box.x + 8, box.y - 1);
  pen.lineTo(box.x - 1, box.y + 8);
  pen.fill();
}

const inSight = (box: Box, { width, height }: Scene): boolean =>
  box.x < width && box.x + box.width > 0 && box.y < height && box.y + box.height > 0;

/** From the end of each operation to the start of the next one of the job. */
function paintChain(pen: CanvasRenderingContext2D, scene: Scene, job: string): void {
  const inTurn = [...scene.model.jobBars(job)].sort((one, other) => one.operation - other.operation);
  pen.lineWidth = 1.5;
  for (const [at, bar] of inTurn.entries()) {
    const next = inTurn[at + 1];
    const [from, to] = [scene.layout.boxOf(bar, scene.view), next && scene.layout.boxOf(next, scene.view)];
    if (!from || !to || !next) continue;
    const wrong = bar.end > next.start;
    paintArrow(pen, from, to, wrong ? scene.colours.lateBar : scene.colours.accent, wrong);
  }
}

function paintArrow(pen: CanvasRenderingContext2D, from: Box, to: Box, colour: string, broken: boolean): void {
  const [x, y, endX, endY] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2];
  const bend = Math.max(12, Math.min(60, Math.abs(endX - x) / 2));
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  if (broken) pen.setLineDash([5, 4]);
  pen.beginPath();
  pen.moveTo(x, y);
  pen.bezierCurveTo(x + bend, y, endX - bend, endY, endX - 5, endY);
  pen.stroke();
  if (broken) pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(endX, endY);
  pen.lineTo(endX - 7, endY - 4);
  pen.lineTo(endX - 7, endY + 4);
  pen.fill();
}

function paintGhost(pen: CanvasRenderingContext2D, scene: Scene, ghost: Place): void {
  const laid = scene.layout.lane(ghost.lane);
  if (laid === undefined || ghost.end < scene.view.from || ghost.start > timeAt(scene.view, scene.width)) return;
  const y = Math.round(laid.top + laid.height - ROW - scene.view.scrollY) + 1;
  const { x, width } = across(ghost, scene.view);
  pen.fillStyle = scene.colours.accent;
  pen.globalAlpha = 0.18;
  pen.fillRect(x, y, width, BAR);
  pen.globalAlpha = 1;
  pen.strokeStyle = scene.colours.accent;
  pen.lineWidth = 1;
  pen.setLineDash([3, 3]);
  pen.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), BAR - 1);
  pen.setLineDash([]);
}

function paintLasso(pen: CanvasRenderingContext2D, { colours }: Scene, box: Box): void {
  pen.fillStyle = colours.accent;
  pen.globalAlpha = 0.1;
  pen.fillRect(box.x, box.y, box.width, box.height);
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.accent;
  pen.lineWidth = 1;
  pen.strokeRect(box.x + 0.5, box.y + 0.5, box.width, box.height);
}

function paintProposal(pen: CanvasRenderingContext2D, scene: Scene, { places, conflicts }: Proposal, warning: string): void {
  const { colours } = scene;
  const clash = conflicts.some(({ kind }) => kind !== 'late');
  const edge = clash ? colours.lateBar : conflicts.length > 0 ? colours.riskBar : colours.accent;
  for (const { with: key } of conflicts) if (key !== undefined) outline(pen, scene, key, colours.lateBar, 2);
  for (const place of places) paintPlace(pen, scene, place, scene.model.bar(place.key), edge);
  const first = places[0];
  if (first !== undefined && warning !== '') paintWarning(pen, scene, first, warning, clash);
}

const topOf = (scene: Scene, place: Place): number | undefined => {
  const laid = scene.layout.lane(place.lane);
  return laid === undefined ? undefined : Math.round(laid.top + (laid.height - BAR) / 2 - scene.view.scrollY);
};

function paintPlace(pen: CanvasRenderingContext2D, scene: Scene, place: Place, bar: Bar | undefined, edge: string): void {
  const y = topOf(scene, place);
  if (y === undefined) return;
  const { colours } = scene;
  const { x, width } = across(place, scene.view);
  pen.fillStyle = colours.surface;
  pen.fillRect(x, y, width, BAR);
  pen.strokeStyle = edge;
  pen.lineWidth = 2;
  pen.strokeRect(x + 1, y + 1, Math.max(1, width - 2), BAR - 2);
  pen.font = `600 12px ${colours.font}`;
  pen.fillStyle = colours.text;
  if (bar) pen.fillText(cut(bar.jobCode, width - 12), x + 7, y + BAR / 2);
}

/** What the bar under the mouse is, below it or, where there is no room, above. */
function paintTold(pen: CanvasRenderingContext2D, scene: Scene, key: string, [name, said]: readonly [string, string]): void {
  const box = boxIn(scene, key);
  if (!box) return;
  const { colours, width, height } = scene;
  const fonts = [`600 12px ${colours.font}`, `400 12px ${colours.font}`] as const;
  const wides = [name, said].map((line, at) => {
    pen.font = fonts[at] ?? fonts[1];
    return pen.measureText(line).width;
  });
  const [wide, tall] = [Math.max(...wides) + 18, 44];
  const x = Math.max(4, Math.min(Math.max(0, box.x), width - wide - 4));
  const y = Math.round(box.y + box.height + 6 + tall > height ? box.y - tall - 6 : box.y + box.height + 6);
  pen.fillStyle = colours.text;
  pen.fillRect(x, y, wide, tall);
  pen.fillStyle = colours.surface;
  pen.font = fonts[0];
  pen.fillText(name, x + 9, y + 14);
  pen.font = fonts[1];
  pen.fillText(said, x + 9, y + 31);
}

/** What would be in the way, in words, beside what is dragged. */
function paintWarning(pen: CanvasRenderingContext2D, scene: Scene, place: Place, warning: string, clash: boolean): void {
  const { colours, view, width, height } = scene;
  pen.font = `520 12px ${colours.font}`;
  const lines = linesOf(warning, (line) => pen.measureText(line).width <= width - 26);
  const wide = Math.max(...lines.map((line) => pen.measureText(line).width)) + 18;
  const tall = 8 + lines.length * 16;
  const x = Math.max(4, Math.min(xOf(view, place.start), width - wide - 4));
  const top = topOf(scene, place) ?? 0;
  const y = top + BAR + 8 + tall > height ? top - tall - 6 : top + BAR + 6;
  pen.fillStyle = clash ? colours.late : colours.text;
  pen.fillRect(x, y, wide, tall);
  pen.fillStyle = colours.surface;
  for (const [at, line] of lines.entries()) pen.fillText(line, x + 9, y + 12 + at * 16);
}

const BETWEEN = ' · ';

/** What is said in parts, in as many lines as it takes where there is little room. */
function linesOf(said: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  for (const part of said.split(BETWEEN)) {
    const longer = lines.length === 0 ? part : `${lines.at(-1)}${BETWEEN}${part}`;
    if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}
