// What a column may mean, and which column means what by its heading.
import { WORDS } from './words';

export type Kind = 'jobs' | 'machines' | 'operators';

export const FIELDS = {
  jobs: [
    'number',
    'product',
    'customer',
    'quantity',
    'unit',
    'due',
    'release',
    'priority',
    'notes',
    'operation',
    'operationName',
    'workCenter',
    'setup',
    'perUnit',
    'run',
    'skill',
    'setupFamily',
    'instructions',
  ],
  machines: ['code', 'name', 'workCenter', 'capacity', 'speed', 'cost'],
  operators: ['code', 'name', 'skills'],
} as const;

export type Field = (typeof FIELDS)[Kind][number];

/** Without these nothing can be made of a row. */
export const NEEDED: Record<Kind, readonly Field[]> = { jobs: ['number'], machines: ['code', 'workCenter'], operators: ['code'] };

/** "Liefertermin (Datum)" and "LIEFER-TERMIN" are to be found; what stands in brackets may be a unit. */
export const plain = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/\(.*?\)|\[.*?\]/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** How well a heading says a field: 0 where it does not. */
function fitOf(heading: string, words: readonly string[]): number {
  const said = plain(heading);
  if (said === '') return 0;
  const at = words.indexOf(said);
  if (at >= 0) return 1_000 - at;
  const within = words.filter((word) => word.length > 3 && ` ${said} `.includes(` ${word} `));
  return Math.max(0, ...within.map((word) => 100 + word.length));
}

/** For each column the field that it most likely is. A field is one column only, the one that says it best. */
export function guess(columns: readonly string[], kind: Kind): (Field | undefined)[] {
  const words = Object.entries(WORDS[kind]) as [Field, string][];
  const fits = columns.flatMap((column, at) => words.map(([field, said]) => ({ at, field, score: fitOf(column, said.split('|')) })));
  const found: (Field | undefined)[] = columns.map(() => undefined);
  for (const { at, field, score } of fits.toSorted((one, other) => other.score - one.score)) {
    if (score > 0 && found[at] === undefined && !found.includes(field)) found[at] = field;
  }
  return found;
}

/** "Operation" may be its number or its name: what stands in the column tells. */
export function guessWith(columns: readonly string[], kind: Kind, samples: readonly (readonly string[])[]): (Field | undefined)[] {
  const found = guess(columns, kind);
  const at = found.indexOf('operationName');
  const said = at < 0 ? [] : samples.map((cells) => cells[at] ?? '').filter((cell) => cell !== '');
  if (said.length > 0 && !found.includes('operation') && said.every((cell) => /^\d{1,5}$/.test(cell))) found[at] = 'operation';
  return found;
}

/** Of what a file is, by what its headings say: of most fields that it needs, and of most others. */
export function guessKind(columns: readonly string[]): Kind {
  const kinds = Object.keys(FIELDS) as Kind[];
  const scores = kinds.map((kind) => {
    const found = guess(columns, kind).filter((field) => field !== undefined);
    const has = NEEDED[kind].every((field) => found.includes(field));
    return { kind, score: found.length + (has ? 2 : 0) };
  });
  return scores.reduce((best, one) => (one.score > best.score ? one : best)).kind;
}
