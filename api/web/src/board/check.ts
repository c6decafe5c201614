// What does not go together, as far as the board can tell by itself: hours, overlaps, the order of a job, its date. It is said while
// something is dragged; what the server says afterwards is the truth.
import type { Model } from './model';
import { type Bar, type Conflict, MINUTE, type Place, type Span } from './types';

/** How much of a time is open; all of it where the hours are not known. */
export function openTime(open: readonly Span[] | undefined, from: number, until: number): number {
  if (open === undefined) return Math.max(0, until - from);
  let total = 0;
  for (const span of open) total += Math.max(0, Math.min(span.end, until) - Math.max(span.start, from));
  return total;
}

/** When work of this length is over that begins then: it rests while it is closed. */
export function endOf(open: readonly Span[] | undefined, start: number, work: number): number {
  if (open === undefined) return start + work;
  let left = work;
  for (const span of open) {
    const here = Math.min(left, Math.max(0, span.end - Math.max(span.start, start)));
    left -= here;
    if (here > 0 && left <= 0) return Math.max(span.start, start) + here;
  }
  // Nobody knows the hours beyond the last ones: as long as it takes.
  return Math.max(start, open.at(-1)?.end ?? start) + left;
}

const isOpen = (open: readonly Span[] | undefined, at: number): boolean =>
  open === undefined || open.some(({ start, end }) => start <= at && at < end);

const isKnown = ({ start, end }: Span, at: number): boolean => start <= at && at < end;

/** Where a bar would be if it began then on that lane: as much work as it has now. */
export function placed(model: Model, bar: Bar, lane: string, start: number): Place {
  const work = openTime(model.lane(bar.lane)?.open, bar.start, bar.end) || bar.end - bar.start;
  return { key: bar.key, lane, start, end: endOf(model.lane(lane)?.open, start, work) };
}

/** Conflicts of places that bars would go to, each kind and bar in the way once. */
export function checkPlaces(model: Model, places: readonly Place[], now: number, stranger?: Bar): Conflict[] {
  const moved = new Map(places.map((place) => [place.key, place]));
  const found = new Map<string, Conflict>();
  for (const place of places) {
    for (const conflict of checkPlace(model, place, moved, now, stranger)) found.set(`${conflict.kind} ${conflict.with ?? ''}`, conflict);
  }
  return [...found.values()];
}

function* checkPlace(model: Model, place: Place, moved: Map<string, Place>, now: number, stranger?: Bar): Generator<Conflict> {
  const lane = model.lane(place.lane);
  const bar = model.bar(place.key) ?? stranger;
  if (lane?.state === 'down' || lane?.state === 'gone') yield { kind: 'down' };
  if (isKnown(model.known, place.start) && !isOpen(lane?.open, place.start)) yield { kind: 'closed' };
  if (place.start < now - MINUTE && bar?.status !== 'running') yield { kind: 'past' };
  yield* overlaps(model, place, moved, lane?.capacity ?? 1);
  if (bar === undefined) return;
  if (bar.group !== undefined && lane?.group !== undefined && bar.group !== lane.group) yield { kind: 'machine' };
  yield* orders(model, bar, place, moved);
  if (bar.due !== undefined && place.end > bar.due) yield { kind: 'late', minutes: Math.round((place.end - bar.due) / MINUTE) };
}

function* overlaps(model: Model, place: Place, moved: Map<string, Place>, capacity: number): Generator<Conflict> {
  const others: { key: string; start: number; end: number }[] = model
    .barsOf(place.lane)
    .filter((bar) => !moved.has(bar.key) && bar.status !== 'finished' && bar.start < place.end && bar.end > place.start);
  for (const other of moved.values()) {
    if (other.key !== place.key && other.lane === place.lane && other.start < place.end && other.end > place.start) others.push(other);
  }
  if (mostAtOnce(others) >= capacity) for (const other of others.slice(0, 3)) yield { kind: 'overlap', with: other.key };
}

/** How many of them there are at the fullest moment. */
export function mostAtOnce(spans: readonly Span[]): number {
  const edges = spans.flatMap(({ start, end }) => [
    [start, 1],
    [end, -1],
  ]);
  edges.sort(([one = 0, first = 0], [other = 0, second = 0]) => one - other || first - second);
  let [now, most] = [0, 0];
  for (const [, step = 0] of edges) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}

function* orders(model: Model, bar: Bar, place: Place, moved: Map<string, Place>): Generator<Conflict> {
  for (const other of model.jobBars(bar.job)) {
    if (other.key === bar.key) continue;
    const there = moved.get(other.key) ?? other;
    if (other.operation < bar.operation && there.end > place.start && other.status !== 'finished') yield { kind: 'order', with: other.key };
    if (other.operation > bar.operation && there.start < place.end) yield { kind: 'order', with: other.key };
  }
}

/** Bars of a lane that there is no room for, as they are planned now. */
export function overfull(bars: readonly Bar[], capacity: number): Set<string> {
  const found = new Set<string>();
  const open: Bar[] = [];
  for (const bar of [...bars].filter(({ status }) => status !== 'finished').sort((one, other) => one.start - other.start)) {
    for (let at = open.length - 1; at >= 0; at -= 1) if ((open[at]?.end ?? 0) <= bar.start) open.splice(at, 1);
    if (open.length >= capacity) for (const one of [...open, bar]) found.add(one.key);
    open.push(bar);
  }
  return found;
}

/** Bars of a job that are over before the one before them is: to begin before it can be right, where pieces go on in batches. */
export function disordered(bars: readonly Bar[]): Set<string> {
  const found = new Set<string>();
  const inTurn = [...bars].sort((one, other) => one.operation - other.operation);
  for (const [at, bar] of inTurn.entries()) {
    const before = inTurn[at - 1];
    if (before !== undefined && before.status !== 'finished' && before.end > bar.end) found.add(bar.key);
  }
  return found;
}
