import { readFileSync } from 'node:fs';
import { QueryObserver } from '@tanstack/react-query';
import { buildSchema, parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import { asOfSignal, asOfText, atOf, momentOf } from './as-of';
import { pastClient } from './past-client';

it('a moment in an address is a position or an instant, and anything else is none', () => {
  expect(momentOf('48213')).toEqual({ position: '48213' });
  expect(momentOf('2026-11-22T10:42:00+02:00')).toEqual({ instant: '2026-11-22T08:42:00.000Z' });
  expect(['yesterday', '', '2026-11', '-5', '1.5', '2026-13-40T99:99'].map(momentOf)).toEqual(Array(6).fill(undefined));
  expect(momentOf(atOf({ position: '7' }))).toEqual({ position: '7' });
});

it('every question of the app stays a good document with the directive on it', () => {
  const schema = buildSchema(readFileSync('../../schema.graphql', 'utf8'));
  const modules = import.meta.glob<Record<string, unknown>>('./generated/*.ts', { eager: true });
  const documents = Object.values(modules).flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (name.endsWith('Document') ? [String(value)] : [])),
  );
  const questions = documents.filter((text) => text.trimStart().startsWith('query'));
  expect(questions.length).toBeGreaterThan(10);
  for (const text of questions) expect(validate(schema, parse(asOfText(text)))).toEqual([]);
});

it('a default value with brackets does not end the variables', () => {
  expect(asOfText('query Q($f: F = {a: [(1)]}) { x }')).toContain('$f: F = {a: [(1)]}) @asOf(');
});

it('what changes something is never asked of the past', () => {
  expect(() => asOfText('mutation M { x }')).toThrow();
  expect(() => asOfText('subscription S { x }')).toThrow();
});

it('the same question has an answer of its own at each moment, and says of which it asks', async () => {
  const asked: unknown[] = [];
  const options = {
    queryKey: ['floor'],
    queryFn: ({ signal }: { signal: AbortSignal }) => {
      asked.push(asOfSignal(signal));
      return Promise.resolve(asked.length);
    },
  };
  const [one, two] = [pastClient({ position: '1' }), pastClient({ position: '2' })];
  expect([await one.fetchQuery(options), await two.fetchQuery(options), await one.fetchQuery(options)]).toEqual([1, 2, 1]);
  expect(asked).toEqual([{ position: '1' }, { position: '2' }]);
});

it('while the next moment is on its way, what was on the screen stays, but no other answer comes in its place', async () => {
  const later = new Promise<string>(() => undefined);
  const first = pastClient({ position: '11' });
  const of = (key: string, answer: Promise<string>) => ({ queryKey: [key], queryFn: () => answer });
  const observer = new QueryObserver(first, first.defaultQueryOptions(of('jobs', Promise.resolve('as of 11'))));
  const leave = observer.subscribe(() => undefined);
  await expect.poll(() => observer.getCurrentResult().data).toBe('as of 11');
  const second = pastClient({ position: '12' });
  observer.setOptions(second.defaultQueryOptions(of('jobs', later)));
  expect(observer.getCurrentResult()).toMatchObject({ data: 'as of 11', isPlaceholderData: true });
  observer.setOptions(second.defaultQueryOptions(of('machines', later)));
  expect(observer.getCurrentResult().data).toBeUndefined();
  leave();
});
