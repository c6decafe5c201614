// Two people who edit one thing: what one of them has opened, what they have typed, and what it is now. What only the other has changed is
// taken as it is; what both have changed is asked.
export type Facts = Record<string, string>;

export interface Clash<Field extends string> {
  field: Field;
  before: string;
  mine: string;
  theirs: string;
}

export interface Merged<Field extends string> {
  /** What the form has from now on, the clashes still as typed. */
  values: Record<Field, string>;
  /** What the other has changed and nobody else. */
  taken: { field: Field; before: string; theirs: string }[];
  clashes: Clash<Field>[];
}

export function merge<Field extends string>(
  opened: Record<Field, string>,
  mine: Record<Field, string>,
  theirs: Record<Field, string>,
): Merged<Field> {
  const merged: Merged<Field> = { values: { ...mine }, taken: [], clashes: [] };
  for (const field of Object.keys(opened) as Field[]) {
    const [before, typed, now] = [opened[field], mine[field], theirs[field]];
    if (now === before || now === typed) continue;
    if (typed === before) {
      merged.values[field] = now;
      merged.taken.push({ field, before, theirs: now });
    } else merged.clashes.push({ field, before, mine: typed, theirs: now });
  }
  return merged;
}
