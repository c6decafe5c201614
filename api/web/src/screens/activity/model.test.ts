import { describe, expect, it } from 'vitest';
import type { ActivityRowFragment } from '../../api/generated/activity';
import { byDay, fieldWords, filterOf, type Pages, readSearch, telling, toldLater, valueWords, withNews } from './model';

const id = '37268054-d2d9-571d-b5a2-77f73113fd43';
const row = (position: string, happenedAt = '2026-11-23T10:00:00Z', recordedAt = happenedAt): ActivityRowFragment => ({
  position,
  eventType: 'job.created',
  sentence: 'Job 1 was created',
  kind: 'JOB',
  thing: { id, code: '1', name: null },
  happenedAt,
  recordedAt,
  actor: { id, name: 'Liis' },
  changes: [],
});

describe('an address', () => {
  it('names who, what and when', () => {
    expect(readSearch({ who: id, kind: 'MACHINE', thing: id, name: 4182, from: '2026-11-01', until: '2026-11-02' })).toEqual({
      who: id,
      kind: 'MACHINE',
      thing: id,
      name: '4182',
      from: '2026-11-01',
      until: '2026-11-02',
    });
  });

  it('that makes no sense shows everything', () => {
    const nonsense = readSearch({ who: 'me', kind: 'CAR', thing: '<script>', name: 'x', from: '2026-13-01', until: 'soon' });
    expect(Object.values(nonsense).every((one) => one === undefined)).toBe(true);
    expect(filterOf(nonsense, 'Europe/Tallinn')).toEqual({});
  });

  it('has whole days of the company, both included, also where the clocks are set', () => {
    expect(filterOf({ from: '2026-11-22', until: '2026-11-23' }, 'Europe/Tallinn')).toEqual({
      happenedFrom: '2026-11-21T22:00:00.000Z',
      happenedBefore: '2026-11-23T22:00:00.000Z',
    });
    expect(filterOf({ from: '2026-10-25', until: '2026-10-25' }, 'Europe/Tallinn')).toEqual({
      happenedFrom: '2026-10-24T21:00:00.000Z',
      happenedBefore: '2026-10-25T22:00:00.000Z',
    });
  });
});

it('news come to the top once', () => {
  const page = (...positions: string[]) => ({
    activityLog: { position: '9', pageInfo: { hasNextPage: true, endCursor: 'x' }, edges: positions.map((one) => ({ node: row(one) })) },
  });
  const known: Pages = { pages: [page('3'), page('2', '1')], pageParams: [undefined, 'x'] };
  const news = withNews(known, row('4'));
  expect(news.pages.map(({ activityLog }) => activityLog.edges.map(({ node }) => node.position))).toEqual([
    ['4', '3'],
    ['2', '1'],
  ]);
  expect(withNews(news, row('2'))).toBe(news);
  expect(withNews({ pages: [], pageParams: [] }, row('1')).pages).toEqual([]);
});

it('what was entered later says so, and what happened on another day stands under it', () => {
  const late = row('3', '2026-11-22T09:00:00Z', '2026-11-23T11:00:00Z');
  expect([toldLater(late), toldLater(row('1'))]).toEqual([93_600, undefined]);
  const days = byDay([row('4'), late, row('2')], (instant) => new Date(instant).toISOString().slice(0, 10));
  expect(days.map(({ day, rows }) => [day, rows.length])).toEqual([
    ['2026-11-23', 1],
    ['2026-11-22', 1],
    ['2026-11-23', 1],
  ]);
});

it('fields and values are words', () => {
  expect(['plannedStart', 'work_center', 'status'].map(fieldWords)).toEqual(['planned start', 'work center', 'status']);
  const when = (instant: number) => `at ${new Date(instant).getUTCHours()}`;
  expect(['2026-11-22T09:00:00Z', '2026-11-22', 'LATHE-1', '12.5'].map((value) => valueWords(value, when))).toEqual([
    'at 9',
    '2026-11-22',
    'LATHE-1',
    '12.5',
  ]);
});

it('what identifies a thing is not shown as a change of it', () => {
  const change = (after: string | null) => ({ field: 'member', operation: null, before: null, after });
  expect(telling([change(id), change('admin'), change(null)])).toEqual([change('admin'), change(null)]);
});
