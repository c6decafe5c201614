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

const isEmpty = (cells: string[]): boolean => cells.every((cell) => cell.trim() === '');

/** Excel says in a first line what separates. */
const SEPARATOR_LINE = /^sep=(.)\r?\n/i;

export function readTable(bytes: Uint8Array): Table {
  const { text, encoding } = decode(bytes);
  const said = SEPARATOR_LINE.exec(text);
  const body = said === null ? text : text.slice(said[0].length);
  const first = said === null ? 1 : 2;
  const parsed = Papa.parse<string[]>(body, {
    delimiter: said?.[1] ?? '',
    delimitersToGuess: [';', ',', '\t', '|'],
    skipEmptyLines: false,
  });
  const all = parsed.data.map((cells, at) => ({ number: at + first, cells: cells.map((cell) => cell.trim()) }));
  const heading = all.findIndex(({ cells }) => !isEmpty(cells));
  const broken = parsed.errors.find(({ type }) => type === 'Quotes');
  const names = all[heading]?.cells ?? [];
  // Empty columns at the end are those that a spreadsheet has touched once.
  const rows = all.slice(heading + 1).filter(({ cells }) => !isEmpty(cells));
  const width = Math.max(
    names.findLastIndex((name) => name !== '') + 1,
    ...rows.map(({ cells }) => cells.findLastIndex((cell) => cell !== '') + 1),
  );
  return {
    columns: Array.from({ length: Math.max(width, 0) }, (_, at) => names[at] ?? ''),
    rows,
    delimiter: parsed.meta.delimiter,
    encoding,
    ...(broken !== undefined && { brokenAt: (broken.row ?? 0) + first }),
  };
}
