// What was scanned: somebody's badge or the number of a job? A badge lets in whoever has it, so it is not sent where a number goes; and a
// few labels that are taken for badges make the server wait at this terminal, so a label is not sent where a badge goes.

/** As many characters as a badge has at least, and the number of a job at most. */
const [BADGE_SHORTEST, NUMBER_LONGEST] = [4, 64];
/** So many labels may be taken for badges in a day, fewer than make the server wait. */
const DOUBTS = 3;
const DAY_MS = 86_400_000;

/** How a text is built, not what it says: "B-4711" is "x-xxxx". */
export const formOf = (text: string): string => text.trim().replace(/[\p{L}\p{N}]/gu, 'x');

export const isSameNumber = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

interface Known {
  /** Whether it is a badge that has come in at this tablet. */
  isBadge: boolean;
  /** How badges that have come in here are built. */
  forms: readonly string[];
  /** Numbers of jobs that are known here. */
  numbers: readonly string[];
}

/** `either` is to be looked for as a number first. */
export function kindOf(text: string, { isBadge, forms, numbers }: Known): 'badge' | 'number' | 'either' {
  if (isBadge) return 'badge';
  const length = [...text.trim()].length;
  if (length < BADGE_SHORTEST || numbers.some((number) => isSameNumber(number, text))) return 'number';
  if (length > NUMBER_LONGEST) return 'badge';
  const form = formOf(text);
  const [likeBadge, likeNumber] = [forms.includes(form), numbers.some((number) => formOf(number) === form)];
  return likeBadge === likeNumber ? 'either' : likeBadge ? 'badge' : 'number';
}

/** When labels were taken for badges, of the last day. */
export const doubtsOf = (doubts: readonly number[] | undefined, now: number): number[] =>
  (doubts ?? []).filter((at) => Math.abs(now - at) < DAY_MS);

export const mayDoubt = (doubts: readonly number[]): boolean => doubts.length < DOUBTS;
