import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Action, may, type Role, WHO_MAY } from './may';

const ROLES: Role[] = ['ADMIN', 'MANAGER', 'OPERATOR', 'AUDITOR'];

it('offers each role what the server lets it do', () => {
  const document = readFileSync('../../tests/goldens/roles.md', 'utf8');
  const rows = [...document.matchAll(/^\| ([a-z_]+) \| (yes|–) \| (yes|–) \| (yes|–) \| (yes|–) \|$/gm)];
  expect(rows.map(([, action]) => action?.toUpperCase()).sort()).toEqual(Object.keys(WHO_MAY).sort());
  for (const [, action = '', ...cells] of rows) {
    const said = ROLES.map((role) => may(role, action.toUpperCase() as Action));
    expect([action, said]).toEqual([action, cells.map((cell) => cell === 'yes')]);
  }
});
