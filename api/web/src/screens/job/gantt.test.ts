import { describe, expect, it } from 'vitest';
import type { JobBesideFragment } from '../../api/generated/job';
import { startOfDay } from '../../time/zone';
import { daysOf, ganttOf, placeOf } from './gantt';

type Operation = JobBesideFragment['operations'][number];

const at = (hour: number) => new Date(Date.UTC(2026, 10, 23, hour)).toISOString();
const now = Date.parse(at(12));

function operation(number: number, plan?: [number, number], did?: [number, number?]): Operation {
  const window = plan && { start: at(plan[0]), end: at(plan[1]), machine: null, operator: null };
  const planned = {
    setupSeconds: 0,
    run: null,
    skill: null,
    setupFamily: null,
    tools: [],
    minLagSeconds: 0,
    maxLagSeconds: null,
    transferBatch: null,
    outsideLeadSeconds: null,
    instructions: null,
    alternatives: [],
    window: window ?? null,
  };
  return {
    number,
    name: 'Turn',
    status: 'WAITING',
    beganAt: did ? at(did[0]) : null,
    finishedAt: did?.[1] === undefined ? null : at(did[1]),
    good: '0',
    scrap: '0',
    workCenter: { code: 'TURN', name: 'Turning' },
    atWork: [],
    andon: null,
    plan: planned,
  };
}

describe('plan over actual', () => {
  it('shows what was meant and what was done, as far as it has come', () => {
    const { lines, isEmpty } = ganttOf(
      { operations: [operation(10, [6, 8], [7, 9]), operation(20, [8, 10], [9]), operation(30, [10, 14])], due: null },
      now,
    );
    expect(isEmpty).toBe(false);
    expect(lines.map(({ actual }) => actual && [new Date(actual.until).toISOString(), actual.goesOn])).toEqual([
      [at(9), false],
      [at(12), true],
      undefined,
    ]);
  });

  it('has room for the date, unless that would make the rest tiny', () => {
    const one = [operation(10, [6, 8])];
    const near = ganttOf({ operations: one, due: at(9) }, now);
    expect(placeOf(near, Date.parse(at(9)))).toBeGreaterThan(90);
    const far = ganttOf({ operations: one, due: at(600) }, now);
    expect(placeOf(far, Date.parse(at(600)))).toBeUndefined();
  });

  it('is empty where nothing is planned and nothing was done', () => {
    expect(ganttOf({ operations: [operation(10)], due: at(9) }, now).isEmpty).toBe(true);
    expect(ganttOf({ operations: [], due: null }, now).isEmpty).toBe(true);
  });

  it('does not draw backwards where a clock was wrong', () => {
    const [line] = ganttOf({ operations: [operation(10, undefined, [9, 7])], due: null }, now).lines;
    expect(line?.actual && line.actual.until >= line.actual.from).toBe(true);
  });
});

it('the scale has few days, however long it is', () => {
  const day = (instant: number, days: number) => startOfDay(instant, 'Europe/Tallinn', days);
  const from = Date.parse('2026-10-20T06:00:00Z');
  expect(daysOf({ from, until: from + 3 * 86_400_000 }, day)).toHaveLength(3);
  for (const length of [10, 40, 200, 900]) {
    const days = daysOf({ from, until: from + length * 86_400_000 }, day);
    expect(days.length).toBeGreaterThan(0);
    expect(days.length).toBeLessThanOrEqual(11);
  }
});
