import { describe, expect, it } from 'vitest';
import { dueOf, emptyFacts, factsInput, factsOf, NOTES_MOST, newJobInput, newJobSchema } from './facts';
import { emptyOperation, operationFaults, operationInput } from './operation';

const zone = 'Europe/Tallinn';
const faultsOf = (form: unknown) => {
  const { error } = newJobSchema.safeParse(form);
  return Object.fromEntries(error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? []);
};
const mill = { ...emptyOperation(10), name: 'Mill', workCenter: 'MILL' };

describe('what is typed of a job', () => {
  it('names each fault at its field', () => {
    const form = {
      ...emptyFacts,
      number: ' ',
      quantity: 'many',
      unit: '',
      priority: '101',
      notes: 'x'.repeat(NOTES_MOST + 1),
      operations: [],
    };
    expect(faultsOf(form)).toEqual({ number: 'jobNumber', quantity: 'quantity', unit: 'unit', priority: 'priority', notes: 'notes' });
  });

  it('names the operation that is wrong, and numbers that are there twice', () => {
    const form = { ...emptyFacts, number: 'J-1', operations: [mill, { ...mill, setup: '-3' }, emptyOperation(70_000)] };
    expect(faultsOf(form)).toEqual({
      'operations.1.number': 'twice',
      'operations.1.setup': 'time',
      'operations.2.number': 'number',
      'operations.2.name': 'name',
      'operations.2.workCenter': 'workCenter',
    });
  });

  it('takes notes of ten thousand characters, in any direction', () => {
    const notes = 'לחרוט '.repeat(1_666).slice(0, NOTES_MOST);
    expect(faultsOf({ ...emptyFacts, number: 'J-1', notes, operations: [] })).toEqual({});
  });

  it('becomes what the API takes: what is empty is left out, a comma is a point, the clock is the company’s', () => {
    const typed = {
      ...emptyFacts,
      number: ' J-7 ',
      quantity: '12,5',
      due: '2026-11-30T12:00',
      operations: [{ ...mill, setup: '1,5', perUnit: '30', tools: 'FIX-1; FIX-2' }],
    };
    expect(newJobInput(typed, zone)).toEqual({
      number: 'J-7',
      product: undefined,
      customer: undefined,
      quantity: '12.5',
      unit: 'pcs',
      priority: 50,
      release: undefined,
      notes: undefined,
      due: '2026-11-30T10:00:00.000Z',
      operations: [
        { number: 10, name: 'Mill', workCenterCode: 'MILL', setupSeconds: 90, run: { perUnitSeconds: '30' }, tools: ['FIX-1', 'FIX-2'] },
      ],
    });
  });

  it('comes back as it went', () => {
    const typed = { ...emptyFacts, product: 'Shaft', quantity: '40', release: '2026-11-30T06:00' };
    const input = factsInput(typed, zone);
    const job = {
      product: 'Shaft',
      customer: null,
      quantity: '40.000',
      unit: 'pcs',
      priority: 50,
      due: null,
      release: input.release ?? null,
      notes: null,
    };
    expect(factsOf(job, zone)).toEqual(typed);
  });
});

it('an operation needs a number, a name and a place', () => {
  expect(operationFaults(emptyOperation(10))).toEqual({ name: 'name', workCenter: 'workCenter' });
  expect(operationFaults({ ...mill, number: '10.5', perUnit: 'quick' })).toEqual({ number: 'number', perUnit: 'time' });
  expect(operationInput({ ...mill, skill: ' milling ', level: '3' })).toEqual({
    number: 10,
    name: 'Mill',
    workCenterCode: 'MILL',
    setupSeconds: 0,
    skill: { skill: 'milling', level: 3 },
  });
});

it('an instant that was not touched goes back as it came: with its seconds, and in the second of two equal hours', () => {
  for (const came of ['2026-11-30T04:00:37.125Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']) {
    const job = { product: null, customer: null, quantity: null, unit: 'pcs', priority: 50, due: came, release: came, notes: null };
    const form = { ...factsOf(job, zone), notes: 'in the red box' };
    expect([factsInput(form, zone, came).release, dueOf(form, zone, came)]).toEqual([came, came]);
    expect(factsInput({ ...form, release: '2026-12-01T06:00' }, zone, came).release).toBe('2026-12-01T04:00:00.000Z');
  }
});
