// Which jobs are looked at, and in which order: it stands in the address, so that it can be sent and kept.
import type { JobFilter, JobSort, JobStatus } from '../../api/generated/jobs';

/** The filters that everybody has. */
export const SHOWN = ['open', 'late', 'work', 'held', 'unplanned', 'closed', 'all'] as const;
export type Shown = (typeof SHOWN)[number];

export const SORTS = ['due', 'number', 'product', 'customer', 'priority', 'created', 'changed'] as const;
export type Sort = (typeof SORTS)[number];

export interface JobsSearch {
  show?: Shown;
  q?: string;
  /** Due until this day, with it. */
  until?: string;
  sort?: Sort;
  down?: true;
}

const isOneOf = <One extends string>(all: readonly One[], value: unknown): value is One => all.some((one) => one === value);
const isDay = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));

/** What is not understood is as if it were not there. A number in quotes comes as a number. */
export function readSearch({ show, q, until, sort, down }: Record<string, unknown>): JobsSearch {
  const text = typeof q === 'string' || typeof q === 'number' ? String(q) : '';
  return {
    ...(isOneOf(SHOWN, show) && show !== 'open' && { show }),
    ...(text !== '' && { q: text }),
    ...(isDay(until) && { until }),
    ...(isOneOf(SORTS, sort) && sort !== 'due' && { sort }),
    ...((down === true || down === 'true') && { down: true as const }),
  };
}

const OPEN: JobStatus[] = ['PENDING', 'SCHEDULED', 'RUNNING', 'PAUSED', 'BLOCKED'];
const STATES: Record<Shown, JobStatus[] | undefined> = {
  open: OPEN,
  late: undefined,
  work: ['RUNNING', 'PAUSED', 'BLOCKED'],
  held: ['PAUSED', 'BLOCKED'],
  unplanned: ['PENDING'],
  closed: ['COMPLETED', 'CANCELLED'],
  all: undefined,
};

const KEYS: Record<Sort, JobSort['by']> = {
  due: 'DUE',
  number: 'NUMBER',
  product: 'PRODUCT',
  customer: 'CUSTOMER',
  priority: 'PRIORITY',
  created: 'CREATED_AT',
  changed: 'LAST_ACTIVITY_AT',
};

/** What is asked for: `dayAfter` is when the day that is named is over. */
export function filterOf({ show = 'open', q, until }: JobsSearch, dayAfter: (day: string) => number): JobFilter {
  const status = STATES[show];
  return {
    ...(status && { status }),
    late: show === 'late',
    ...(q?.trim() && { text: q.trim() }),
    ...(until && { dueBefore: new Date(dayAfter(until)).toISOString() }),
  };
}

export const sortOf = ({ sort = 'due', down }: JobsSearch): JobSort => ({ by: KEYS[sort], descending: down === true });

/** The next order when a heading is chosen: the same one the other way round. */
export function sortedBy(search: JobsSearch, sort: Sort): JobsSearch {
  const { sort: before = 'due', down, ...rest } = search;
  const turned = before === sort && down === undefined;
  return { ...rest, ...(sort !== 'due' && { sort }), ...(turned && { down: true as const }) };
}

interface Known {
  id: string;
  status: JobStatus;
  late: boolean;
}

/** Whether what has happened to a job may change which jobs are in the list. The words and dates that were asked for only Kilter knows. */
export function movesList(show: Shown, known: Known | undefined, news: Known): boolean {
  const status = STATES[show];
  const belongs = (status === undefined || status.includes(news.status)) && (show !== 'late' || news.late);
  return (known !== undefined) !== belongs;
}
