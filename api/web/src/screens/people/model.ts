// Who can do what, until when, and whether somebody is there who can. Pure: `now` comes from outside.
import type { PersonFragment, SkillNeedsQuery } from '../../api/generated/people';

const DAY = 86_400_000;
/** So long before its end a skill is said to end. */
export const WARNED_DAYS = 30;

export type Standing = 'good' | 'ends' | 'ended';

export function standingOf(expires: string | null, now: number): Standing {
  if (expires === null) return 'good';
  const left = Date.parse(expires) - now;
  return left <= 0 ? 'ended' : left <= WARNED_DAYS * DAY ? 'ends' : 'good';
}

export interface Present {
  openTime: { start: string; end: string }[];
}

type Worker = Pick<PersonFragment, 'code' | 'name' | 'active' | 'skills'> & Present;

/** All skills that somebody has or that something needs, by name. */
export const skillsOf = (people: readonly Pick<PersonFragment, 'skills'>[], needs: readonly Need[]): string[] =>
  [...new Set([...people.flatMap(({ skills }) => skills.map(({ skill }) => skill)), ...needs.map(({ skill }) => skill)])].sort(
    (one, other) => one.localeCompare(other),
  );

export interface Need {
  skill: string;
  level: number;
  /** How many operations wait for it. */
  operations: number;
  /** Of which jobs, the first due first. */
  jobs: string[];
}

/** What open jobs need: each skill at each level that something waits for. */
export function needsOf({ jobs }: Pick<SkillNeedsQuery, 'jobs'>): Need[] {
  const needs = new Map<string, Need>();
  for (const { node } of jobs.edges) {
    for (const { status, plan } of node.operations) {
      if (status === 'FINISHED' || plan?.skill == null) continue;
      const { skill, level } = plan.skill;
      const need = needs.get(`${skill} ${level}`) ?? { skill, level, operations: 0, jobs: [] };
      need.operations += 1;
      if (need.jobs.at(-1) !== node.number) need.jobs.push(node.number);
      needs.set(`${skill} ${level}`, need);
    }
  }
  return [...needs.values()].sort((one, other) => one.skill.localeCompare(other.skill) || other.level - one.level);
}

/** Who can do it at an instant: active, high enough, and not ended. */
export const holders = <One extends Pick<Worker, 'active' | 'skills'>>(
  people: readonly One[],
  skill: string,
  level: number,
  at: number,
): One[] =>
  people.filter(
    ({ active, skills }) =>
      active && skills.some((one) => one.skill === skill && one.level >= level && standingOf(one.expires, at) !== 'ended'),
  );

/** What nobody can do, and what hangs on one person. */
export interface Gap extends Need {
  only?: string;
}

export function gapsOf(people: readonly Worker[], needs: readonly Need[], now: number): Gap[] {
  return needs.flatMap((need): Gap[] => {
    const able = holders(people, need.skill, need.level, now);
    const [first] = able;
    if (first === undefined) return [need];
    return able.length === 1 ? [{ ...need, only: first.name ?? first.code }] : [];
  });
}

/** Whether somebody is there at some time of a day: their shifts less their absences. */
export const isThere = ({ openTime }: Present, from: number, until: number): boolean =>
  openTime.some(({ start, end }) => Date.parse(start) < until && Date.parse(end) > from);

export interface Cover {
  skill: string;
  /** For each day, who is there that can do it. */
  days: string[][];
}

/** For each skill and each day: who is there. A day is from its own beginning to that of the next. */
export function coverOf(people: readonly Worker[], skills: readonly string[], days: readonly number[]): Cover[] {
  return skills.map((skill) => ({
    skill,
    days: days.slice(0, -1).map((from, at) => {
      const until = days[at + 1] ?? from + DAY;
      return holders(people, skill, 1, from)
        .filter((one) => isThere(one, from, until))
        .map(({ name, code }) => name ?? code);
    }),
  }));
}

/** Whether any text of somebody has what is looked for. */
export function isMeant({ code, name, skills }: Pick<PersonFragment, 'code' | 'name' | 'skills'>, q: string | undefined): boolean {
  const asked = q?.trim().toLocaleLowerCase() ?? '';
  return [code, name ?? '', ...skills.map(({ skill }) => skill)].some((text) => text.toLocaleLowerCase().includes(asked));
}
