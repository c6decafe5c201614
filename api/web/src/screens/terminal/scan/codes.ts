// What of that which a camera reads is taken: plain rules, without a camera.

export interface Corner {
  x: number;
  y: number;
}

/** A code that was read, as the browser and the library tell it. */
export interface Read {
  rawValue: string;
  format: string;
  cornerPoints: readonly Corner[];
}

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  x: number;
  y: number;
}

/** What badges and job sheets are printed with. */
export const FORMATS = [
  'qr_code',
  'code_128',
  'code_39',
  'code_93',
  'ean_13',
  'ean_8',
  'upc_a',
  'itf',
  'data_matrix',
  'pdf417',
  'aztec',
] as const;
export type Format = (typeof FORMATS)[number];
/** A browser that does not read all of these reads none for us: half of a shop's badges would be dead. */
const NEEDED: readonly Format[] = ['qr_code', 'code_128', 'code_39', 'ean_13', 'data_matrix'];
/** These have no check of their own: a shadow may make another text of them. */
const UNCHECKED: readonly string[] = ['code_39', 'itf', 'codabar'] as const;
const LONGEST = 128;

/** Whether the browser's own reader will do. */
export const suffices = (read: readonly string[]): boolean => NEEDED.every((format) => read.includes(format));

/** As a scanner would type it: no control characters, nothing around it. */
export const typed = (raw: string): string => raw.replace(/\p{Cc}/gu, '').trim();

/** The part of the picture that is seen in a box of the view, where the picture covers the view as `object-fit: cover` does. */
export function partOf(picture: Size, view: Size, box: Box): Box {
  const scale = Math.max(view.width / picture.width, view.height / picture.height);
  const [left, top] = [(picture.width * scale - view.width) / 2, (picture.height * scale - view.height) / 2];
  const clamp = (value: number, most: number) => Math.round(Math.min(Math.max(value, 0), most));
  const x = clamp((box.x + left) / scale, picture.width);
  const y = clamp((box.y + top) / scale, picture.height);
  const right = clamp((box.x + box.width + left) / scale, picture.width);
  const bottom = clamp((box.y + box.height + top) / scale, picture.height);
  return { x, y, width: right - x, height: bottom - y };
}

/** As large as is read well, and no larger: what is larger takes longer and is read no better. */
export function drawn({ width, height }: Size, most: number): Size {
  const scale = Math.min(1, most / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function away(corners: readonly Corner[], { width, height }: Size): number {
  const count = Math.max(1, corners.length);
  const x = corners.reduce((sum, corner) => sum + corner.x, 0) / count;
  const y = corners.reduce((sum, corner) => sum + corner.y, 0) / count;
  return Math.hypot(x - width / 2, y - height / 2);
}

/** Looks at one picture after another until something in them is sure. */
export class Codes {
  #before: string | undefined;

  /** The text that was meant, if it is sure: of several codes the one in the middle; what has no check is to be read twice alike. */
  take(reads: readonly Read[], size: Size): string | undefined {
    const usable = reads
      .map((read) => ({ text: typed(read.rawValue), format: read.format, away: away(read.cornerPoints, size) }))
      .filter(({ text }) => text !== '' && text.length <= LONGEST)
      .sort((one, other) => one.away - other.away);
    const [nearest] = usable;
    // A picture without a code forgets nothing: between two readings there may be a blurred one.
    if (nearest === undefined) return undefined;
    const { text, format } = nearest;
    if (!UNCHECKED.includes(format) || this.#before === text) return text;
    this.#before = text;
    return undefined;
  }
}
