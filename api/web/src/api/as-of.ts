// A question as of an earlier moment: the same document with a directive on it (docs/replay.md), so that no screen has to know of it.

/** A place in history. A position never means anything else; an instant is what people say. */
export type Moment = { instant: string } | { position: string };

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** What `?at=` says: a position, or an instant. Whatever is neither is as if it were not there. */
export function momentOf(at: string | undefined): Moment | undefined {
  if (at === undefined) return undefined;
  if (/^\d{1,19}$/.test(at)) return { position: at };
  return INSTANT.test(at) && !Number.isNaN(Date.parse(at)) ? { instant: new Date(at).toISOString() } : undefined;
}

/** A moment as it stands in an address. */
export const atOf = (moment: Moment): string => ('position' in moment ? moment.position : moment.instant);

const DECLARED = '$asOfInstant: DateTime, $asOfPosition: Position';
const DIRECTIVE = '@asOf(instant: $asOfInstant, position: $asOfPosition)';

/** Where the brackets that open at `from` close. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** The document with the directive on its query. */
export function asOfText(document: string): string {
  const head = /^\s*query\b\s*\w*\s*/.exec(document)?.[0];
  if (head === undefined) throw new Error('only questions are answered as of an earlier moment');
  if (document[head.length] !== '(') return `${head.trimEnd()}(${DECLARED}) ${DIRECTIVE} ${document.slice(head.length)}`;
  const end = closing(document, head.length);
  return `${head}(${DECLARED}, ${document.slice(head.length + 1, end)}) ${DIRECTIVE}${document.slice(end + 1)}`;
}

export const asOfVariables = (moment: Moment): { asOfInstant?: string; asOfPosition?: string } =>
  'position' in moment ? { asOfPosition: moment.position } : { asOfInstant: moment.instant };

const moments = new WeakMap<AbortSignal, Moment>();

/** What is asked with this signal is asked as of a moment: react-query gives each question a signal of its own. */
export function markAsOf(signal: AbortSignal, moment: Moment): void {
  moments.set(signal, moment);
}

export const asOfSignal = (signal: AbortSignal | undefined): Moment | undefined => (signal === undefined ? undefined : moments.get(signal));
