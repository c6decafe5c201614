import { afterEach, expect, test, vi } from 'vitest';
import { command } from '../../api/command';
import { BoardTakeOutDocument } from '../../api/generated/board';
import { Refusal, Unreachable } from '../../api/query';
import { named, takeBack, versionOf, wayOut } from './undo';

const NOTHING = { position: null, appended: 0, userErrors: [], operations: [], conflicts: [] };

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

test('the version is that of the command itself, not of what others or the floor did since', async () => {
  const change = (version: number, commandId: string) => ({ version, activity: { commandId } });
  answers({ planChanges: [change(9, 'theirs'), change(8, 'mine'), change(7, 'older')] });
  expect(await versionOf('mine', '120')).toBe(8);
  answers({ planChanges: [change(9, 'theirs')] });
  expect(await versionOf('mine', '120')).toBeUndefined();
});

test('an undo asks with version, part and reason under a name of its own', async () => {
  const asked = answers({ undoPlanChange: NOTHING });
  await takeBack({ version: 8, partly: true, reason: 'the customer called' });
  expect(asked[0]?.input).toMatchObject({ version: 8, partly: true, reason: 'the customer called' });
  expect(asked[0]?.input['commandId']).toMatch(/^[0-9a-f-]{36}$/);
});

test('a command keeps the name that it was given over retries', async () => {
  const sent: string[] = [];
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)).variables.input.commandId);
    return sent.length === 1
      ? Promise.reject(new TypeError('gone'))
      : Promise.resolve(new Response('{"data":{"takeOutOfPlan":{"userErrors":[]}}}'));
  });
  await command(BoardTakeOutDocument, { operations: [], commandId: 'my-own' });
  expect(sent).toEqual(['my-own', 'my-own']);
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
