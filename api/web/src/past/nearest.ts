// The mark next to where one stands, however far away. The server tells at most some hundred of a window, the newest first: where it
// leaves some out, halves of the window are asked. Pure, so that tests can hold it.
import { beside, type Line, type Marked, type Standing } from './model';

export interface Told<Mark extends Marked> {
  marks: readonly Mark[];
  /** Whether older ones of the window were left out. */
  moreMarks: boolean;
}

type Ask<Mark extends Marked> = (line: Line) => Promise<Told<Mark>>;
type Direction = 1 | -1;

/** A window as short as this is not halved again. */
const SHORTEST_MS = 60_000;

/** The next mark of a window. */
async function within<Mark extends Marked>(ask: Ask<Mark>, line: Line, from: Standing, direction: Direction): Promise<Mark | undefined> {
  const { marks, moreMarks } = await ask(line);
  const found = beside(marks, from, direction);
  // The newest are told: going back, the first that was found is the next; going on, an older one may have been left out.
  if (!moreMarks || (found !== undefined && direction < 0) || line.until - line.from <= SHORTEST_MS) return found;
  const middle = Math.round((line.from + line.until) / 2);
  const [older, newer] = [
    { from: line.from, until: middle },
    { from: middle, until: line.until },
  ];
  const [first, second] = direction < 0 ? [newer, older] : [older, newer];
  return (await within(ask, first, from, direction)) ?? (await within(ask, second, from, direction));
}

/** The next mark in what is seen, or beyond it. */
export async function nearest<Mark extends Marked>(
  ask: Ask<Mark>,
  line: Line,
  from: Standing,
  direction: Direction,
): Promise<Mark | undefined> {
  const seen = await within(ask, line, from, direction);
  if (seen !== undefined) return seen;
  const beyond = direction < 0 ? { from: 0, until: line.from } : { from: line.until, until: Date.now() };
  return beyond.until > beyond.from ? within(ask, beyond, from, direction) : undefined;
}
