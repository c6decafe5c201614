// Colours of the board: the tokens of the app, read from the page whenever light and dark change.
const TOKENS = {
  background: '--k-bg',
  surface: '--k-surface',
  sunken: '--k-sunken',
  hover: '--k-hover',
  line: '--k-line',
  lineStrong: '--k-line-strong',
  text: '--k-text',
  muted: '--k-muted',
  accent: '--k-accent',
  accentSoft: '--k-accent-soft',
  onAccent: '--k-on-accent',
  late: '--k-late',
  lateSoft: '--k-late-soft',
  lateBar: '--k-late-bar',
  risk: '--k-risk',
  riskSoft: '--k-risk-soft',
  riskBar: '--k-risk-bar',
  running: '--k-running',
  runningSoft: '--k-running-soft',
  runningBar: '--k-running-bar',
  setup: '--k-setup',
  setupSoft: '--k-setup-soft',
  setupBar: '--k-setup-bar',
  held: '--k-held',
  heldSoft: '--k-held-soft',
  heldBar: '--k-held-bar',
  idleBar: '--k-idle-bar',
  plannedBar: '--k-planned-bar',
  shade: '--k-shade',
} as const;

type Colours = { readonly [Name in keyof typeof TOKENS]: string };

export interface Palette extends Colours {
  readonly font: string;
  /** Closed, and unknown: the same hatch as everywhere. */
  readonly hatch: CanvasPattern | string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim() || '#888';
  const colours: Record<string, string> = {};
  for (const [name, token] of Object.entries(TOKENS)) colours[name] = read(token);
  const all = colours as unknown as Colours;
  return { ...all, font: read('--k-font'), hatch: hatchOf(all.line) };
}

function hatchOf(colour: string): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = 8;
  tile.height = 8;
  const pen = tile.getContext('2d');
  if (pen === null) return colour;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  for (const shift of [-8, 0, 8]) {
    pen.beginPath();
    pen.moveTo(shift - 1, 9);
    pen.lineTo(shift + 9, -1);
    pen.stroke();
  }
  return pen.createPattern(tile, 'repeat') ?? colour;
}
