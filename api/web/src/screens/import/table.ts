// A file as columns and rows: by Papa Parse, which knows quotes, line ends and separators. Rows keep the number that a spreadsheet
// shows for them, so that whoever reads of row 17 finds it.
import Papa from 'papaparse';
import { decode, type Encoding } from './decode';

export interface Row {
  /** As a spreadsheet counts, the heading being 1. */
  number: number;
  cells: string[];
}

export interface Table {
  columns: string[];
  rows: Row[];
  delimiter: string;
  encoding: Encoding;
  /** A quote that was opened and never closed: whatever comes after it is not to be trusted. */
  brokenAt?: number;
}

/** Rows. */
const HEAD = 500;
/** As many as a file of another program ever has; the server's importer takes no more either. */
export const MOST_COLUMNS = 200;

/** Bytes. */
export const MOST_BYTES = 20_000_000;

export type WhyRefused = 'unreadable' | 'tooBig' | 'empty' | 'binary' | 'columns' | 'openQuote';

/** A file that is not read any further: why, and where or how many. */
export class TableRefused extends Error {
  constructor(
    readonly why: WhyRefused,
    readonly count = 0,
  ) {
    super(why);
  }
}

/** The beginning of a table: enough to show it, and to guess what it means. */
export const headOf = (table: Table): Table => ({ ...table, rows: table.rows.slice(0, HEAD) });

/** The bytes of a file that may be a table. */
export async function bytesOf(file: Blob): Promise<Uint8Array> {
  if (file.size > MOST_BYTES) throw new TableRefused('tooBig');
  const read = await file.arrayBuffer().catch(() => {
    // It was taken away or changed since it was chosen.
    throw new TableRefused('unreadable');
  });
  const bytes = new Uint8Array(read);
  if (bytes.length === 0) throw new TableRefused('empty');
  // Spreadsheets of other kinds are packed: "PK" is how they begin.
  const begins = (...signs: number[]) => signs.every((sign, at) => bytes[at] === sign);
  if (begins(0x50, 0x4b, 3, 4) || begins(0xd0, 0xcf, 0x11, 0xe0) || begins(0x25, 0x50, 0x44, 0x46)) throw new TableRefused('binary');
  return bytes;
}

const isEmpty = (cells: string[]): boolean => cells.every((cell) => cell.trim() === '');

/** Excel says in a first line what separates. */
const SEPARATOR_LINE = /^sep=(.)\r?\n/i;

export function readTable(bytes: Uint8Array): Table {
  const { text, encoding } = decode(bytes);
  const said = SEPARATOR_LINE.exec(text);
  const body = said === null ? text : text.slice(said[0].length);
  const first = said === null ? 1 : 2;
  const manner = { delimiter: said?.[1] ?? '', delimitersToGuess: [';', ',', '\t', '|'], skipEmptyLines: false };
  // The first rows tell whether the rest is worth it.
  refuseWide(Papa.parse<string[]>(body, { ...manner, preview: 20 }).data);
  const parsed = Papa.parse<string[]>(body, manner);
  const open = parsed.errors.find(({ code }) => code === 'MissingQuotes');
  if (open !== undefined) throw new TableRefused('openQuote', lineAt(body, open.index ?? 0) + first - 1);
  const all = parsed.data.map((cells, at) => ({ number: at + first, cells: cells.map((cell) => cell.trim()) }));
  const heading = all.findIndex(({ cells }) => !isEmpty(cells));
  const broken = parsed.errors.find(({ type }) => type === 'Quotes');
  const names = all[heading]?.cells ?? [];
  // Empty columns at the end are those that a spreadsheet has touched once.
  const rows = all.slice(heading + 1).filter(({ cells }) => !isEmpty(cells));
  const width = refuseWide([names, ...rows.map(({ cells }) => cells)]);
  return {
    columns: Array.from({ length: width }, (_, at) => names[at] ?? ''),
    rows,
    delimiter: parsed.meta.delimiter,
    encoding,
    ...(broken !== undefined && { brokenAt: (broken.row ?? 0) + first }),
  };
}

/** How many columns there are up to the last one that says something; too many are refused. */
function refuseWide(rows: readonly (readonly string[])[]): number {
  const width = rows.reduce((most, cells) => Math.max(most, cells.findLastIndex((cell) => cell.trim() !== '') + 1), 0);
  if (width > MOST_COLUMNS) throw new TableRefused('columns', width);
  return width;
}

/** The line of a place in a text, the first being 1. */
const lineAt = (text: string, place: number): number => (text.slice(0, place).match(/\r\n|\r|\n/g)?.length ?? 0) + 1;
