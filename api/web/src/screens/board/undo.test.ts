import { afterEach, expect, test, vi } from 'vitest';
import { command } from '../../api/command';
import { BoardTakeOutDocument } from '../../api/generated/board';
import { Refusal, Unreachable } from '../../api/query';
import { madeBy, named, takeBack, wayOut } from './undo';

const NOTHING = { planVersion: null, appended: 0, userErrors: [], operations: [], conflicts: [] };

/** Kilter answers with these, one after the other; what it was asked. */
function answers(...data: object[]) {
  const asked: { input: Record<string, unknown> }[] = [];
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    asked.push(JSON.parse(String(init.body)).variables);
    return Promise.resolve(new Response(JSON.stringify({ data: data.shift() })));
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

test('what was so already has nothing to take back', () => {
  expect(madeBy({ ...NOTHING, appended: 2, planVersion: 8 })).toBe(8);
  expect(madeBy({ ...NOTHING, appended: 0, planVersion: 7 })).toBeUndefined();
  expect(madeBy(NOTHING)).toBeUndefined();
});

test('an undo asks with version, part and reason under a name of its own', async () => {
  const asked = answers({ undoPlanChange: NOTHING });
  await takeBack({ version: 8, partly: true, reason: 'the customer called' });
  expect(asked[0]?.input).toMatchObject({ version: 8, partly: true, reason: 'the customer called' });
  expect(asked[0]?.input['commandId']).toMatch(/^[0-9a-f-]{36}$/);
});

test('what nobody answered is asked again under the same name', async () => {
  const sent: string[] = [];
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)).variables.input.commandId);
    if (sent.length === 1) return Promise.reject(new TypeError('gone'));
    return Promise.resolve(new Response(JSON.stringify({ data: { takeOutOfPlan: NOTHING } })));
  });
  await command(BoardTakeOutDocument, { operations: [] });
  expect(sent[1]).toBe(sent[0]);
});

test('a refusal brings what stands in the way', async () => {
  const operations = [{ job: { id: '1', code: 'J-1' }, number: 10 }];
  const userErrors = [{ code: 'PLAN_CHANGED', field: 'operations', message: 'operations have moved since' }];
  answers({ undoPlanChange: { ...NOTHING, userErrors, operations } });
  const refused = await takeBack({ version: 8 }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code: 'PLAN_CHANGED', field: 'operations', inTheWay: { operations, conflicts: [] } });
});

test('what can be done about a refused undo depends on why', () => {
  const refused = (code: string) => wayOut(new Refusal(code, 'no'));
  expect(['PLAN_CHANGED', 'PLAN_IN_PAST', 'MACHINE_NOT_FOUND', 'OPERATOR_NOT_FOUND'].map(refused)).toEqual(Array(4).fill('partly'));
  expect(refused('PLAN_REASON_NEEDED')).toBe('reason');
  expect(refused('PLAN_CONFLICTS')).toBe('none');
  expect(refused('PLAN_CHANGE_NOT_FOUND')).toBeUndefined();
  expect(wayOut(new Unreachable('gone'))).toBeUndefined();
});

test('operations are named once each, and the rest counted', () => {
  const of = (code: string, number: number) => ({ job: { code }, number });
  expect(named([of('A', 10), of('A', 10), of('B', 20)])).toEqual({ first: 'A · 10, B · 20', more: 0 });
  expect(
    named(
      [1, 2, 3, 4, 5, 6].map((number) => of('A', number)),
      2,
    ),
  ).toEqual({ first: 'A · 1, A · 2', more: 4 });
});
