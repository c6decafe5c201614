import { describe, expect, it } from 'vitest';
import { coverOf, gapsOf, isMeant, needsOf, skillsOf, standingOf } from './model';

const now = Date.parse('2026-11-23T10:00:00Z');
const day = (number: number) => Date.UTC(2026, 10, number);
const iso = (at: number) => new Date(at).toISOString();
const person = (code: string, skills: [string, number, string?][], open: [number, number][] = [], active = true) => ({
  code,
  name: `Name ${code}`,
  active,
  skills: skills.map(([skill, level, expires]) => ({ skill, level, expires: expires ?? null })),
  openTime: open.map(([from, until]) => ({ start: iso(from), end: iso(until) })),
});
const job = (number: string, ...operations: ['WAITING' | 'FINISHED', string, number][]) => ({
  node: { number, operations: operations.map(([status, skill, level], at) => ({ number: at, status, plan: { skill: { skill, level } } })) },
});

it('a skill ends with a warning of thirty days', () => {
  expect([null, '2027-11-01T00:00:00Z', '2026-12-20T00:00:00Z', '2026-11-23T10:00:00Z'].map((expires) => standingOf(expires, now))).toEqual(
    ['good', 'good', 'ends', 'ended'],
  );
});

describe('what open jobs need', () => {
  const needs = needsOf({
    jobs: {
      totalCount: 2,
      edges: [
        job('J-1', ['WAITING', 'milling', 3], ['WAITING', 'milling', 3], ['FINISHED', 'sawing', 1]),
        job('J-2', ['WAITING', 'milling', 5]),
      ],
    },
  });

  it('is told by skill and level, finished work left out', () => {
    expect(needs).toEqual([
      { skill: 'milling', level: 5, operations: 1, jobs: ['J-2'] },
      { skill: 'milling', level: 3, operations: 2, jobs: ['J-1'] },
    ]);
  });

  it('has a gap where nobody can do it, and where it hangs on one', () => {
    const people = [
      person('1', [['milling', 3]]),
      person('2', [['milling', 5, '2026-11-01T00:00:00Z']]),
      person('3', [['milling', 5]], [], false),
    ];
    expect(gapsOf(people, needs, now)).toEqual([
      { skill: 'milling', level: 5, operations: 1, jobs: ['J-2'] },
      { skill: 'milling', level: 3, operations: 2, jobs: ['J-1'], only: 'Name 1' },
    ]);
    expect(skillsOf(people, needs)).toEqual(['milling']);
  });
});

it('cover is who is there that day: shifts and absences count, so does the end of a skill', () => {
  const people = [
    person(
      '1',
      [['sawing', 2]],
      [
        [day(23) + 6, day(23) + 14],
        [day(24) + 22 * 3_600_000, day(25) + 6 * 3_600_000],
      ],
    ),
    person('2', [['sawing', 4, iso(day(24))]], [[day(23), day(26)]]),
  ];
  expect(coverOf(people, ['sawing', 'welding'], [day(23), day(24), day(25), day(26)])).toEqual([
    { skill: 'sawing', days: [['Name 1', 'Name 2'], ['Name 1'], ['Name 1']] },
    { skill: 'welding', days: [[], [], []] },
  ]);
});

it('people are found by number, name and what they can do', () => {
  const one = person('201', [['milling', 3]]);
  expect([undefined, ' ', '20', 'NAME', 'mill', 'saw'].map((q) => isMeant(one, q))).toEqual([true, true, true, true, true, false]);
});
