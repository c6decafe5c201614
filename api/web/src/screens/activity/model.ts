// What of the activity is shown, and how: pure, so that tests can hold it.
import type { ActivityFilter, ActivityQuery, ActivityRowFragment, ThingKind } from '../../api/generated/activity';
import { startOfDay } from '../../time/zone';

export const KINDS = [
  'JOB',
  'PLAN',
  'SCENARIO',
  'MACHINE',
  'WORK_CENTER',
  'TOOL',
  'OPERATOR',
  'CALENDAR',
  'COMPANY',
  'ROSTER',
  'ACCOUNT',
  'SESSION',
  'API_TOKEN',
] as const satisfies readonly ThingKind[];

/** Whose, of what, and when: it can be sent to a colleague. `name` is what `thing` is called, for who only has the address. */
export interface ActivitySearch {
  who?: string;
  kind?: ThingKind;
  thing?: string;
  name?: string;
  /** Local days of the company, both included. */
  from?: string;
  until?: string;
}

const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value.trim() !== '') || typeof value === 'number' ? String(value).trim() : undefined;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const id = (value: unknown): string | undefined => (typeof value === 'string' && UUID.test(value) ? value : undefined);
const localDay = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;

/** What is not understood is as if it were not there. */
export function readSearch(search: Record<string, unknown>): ActivitySearch {
  const thing = id(search['thing']);
  return {
    who: id(search['who']),
    kind: KINDS.find((kind) => kind === search['kind']),
    thing,
    name: thing === undefined ? undefined : text(search['name']),
    from: localDay(search['from']),
    until: localDay(search['until']),
  };
}

/** The first instant of a local day, `days` on. */
function begins(day: string, zone: string, days = 0): string {
  // Noon of the day in UTC lies in that local day wherever clocks are within half a day of it.
  return new Date(startOfDay(Date.parse(`${day}T12:00:00Z`), zone, days)).toISOString();
}

export function filterOf({ who, kind, thing, from, until }: ActivitySearch, zone: string): ActivityFilter {
  return {
    ...(who !== undefined && { actorId: who }),
    ...(kind !== undefined && { kinds: [kind] }),
    ...(thing !== undefined && { thingId: thing }),
    ...(from !== undefined && { happenedFrom: begins(from, zone) }),
    ...(until !== undefined && { happenedBefore: begins(until, zone, 1) }),
  };
}

export interface Pages {
  pages: ActivityQuery[];
  pageParams: unknown[];
}

/** The list with something new at its top; what is there already is not told twice. */
export function withNews(known: Pages, entry: ActivityRowFragment): Pages {
  const [first, ...others] = known.pages;
  if (first === undefined || known.pages.some((page) => page.activityLog.edges.some(({ node }) => node.position === entry.position)))
    return known;
  const { activityLog } = first;
  const edges = [{ node: entry }, ...activityLog.edges];
  return { ...known, pages: [{ activityLog: { ...activityLog, edges } }, ...others] };
}

export interface Day {
  day: string;
  rows: ActivityRowFragment[];
}

/** By the local day on which it happened; in the order in which Kilter was told, so a day may come again. */
export function byDay(rows: readonly ActivityRowFragment[], dayOf: (instant: number) => string): Day[] {
  const days: Day[] = [];
  for (const row of rows) {
    const day = dayOf(Date.parse(row.happenedAt));
    const last = days.at(-1);
    if (last?.day === day) last.rows.push(row);
    else days.push({ day, rows: [row] });
  }
  return days;
}

/** The changes that say something to people: not what identifies a thing, which is named beside them. */
export const telling = (changes: ActivityRowFragment['changes']) =>
  changes.filter(({ before, after }) => ![before, after].some((value) => value !== null && UUID.test(value)));

/** By how many seconds it was told later than it happened, where that is worth a word. */
export function toldLater({ happenedAt, recordedAt }: ActivityRowFragment): number | undefined {
  const seconds = (Date.parse(recordedAt) - Date.parse(happenedAt)) / 1_000;
  return seconds >= 60 ? seconds : undefined;
}

/** A field as it is named in the log, in words: `plannedStart` is "planned start". */
export const fieldWords = (field: string): string =>
  field.replace(/[_.]/g, ' ').replace(/([a-z\d])([A-Z])/g, (_, before: string, capital: string) => `${before} ${capital.toLowerCase()}`);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** A value as people read it: instants in their zone, the rest as it is. */
export const valueWords = (value: string, when: (instant: number) => string): string =>
  INSTANT.test(value) ? when(Date.parse(value)) : value;

/** Where one looks at what it was about, as of then. */
export function screenOf(kind: ThingKind): '/' | '/board' {
  return kind === 'PLAN' || kind === 'SCENARIO' || kind === 'CALENDAR' ? '/board' : '/';
}
