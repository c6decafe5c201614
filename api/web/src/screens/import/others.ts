// Rows of machines and of people.
import type { GrantSkillInput, RegisterMachineInput, RegisterOperatorInput } from '../../api/generated/import';
import { Cells, type Fault, type Mapping } from './cells';
import { codeOf, decimal } from './jobs';
import type { Row, Table } from './table';

export interface ReadMachines {
  machines: { row: number; input: RegisterMachineInput }[];
  centers: string[];
  faults: Fault[];
}

export interface ReadOperators {
  operators: { row: number; input: RegisterOperatorInput; skills: GrantSkillInput[] }[];
  faults: Fault[];
}

/** Each row by its code; a code that comes again is a fault of the later row. */
function byCode<Made>(cells: Cells, make: (row: Row, code: string) => Made): Made[] {
  const known = new Set<string>();
  return cells.table.rows.flatMap((row) => {
    const before = cells.faults.length;
    const text = cells.text(row, 'code');
    if (text === undefined) cells.fault(row, 'code', 'missing');
    const code = codeOf(text ?? '');
    if (known.has(code) && text !== undefined) cells.fault(row, 'code', 'twice');
    known.add(code);
    const made = make(row, code);
    return cells.faults.length > before ? [] : [made];
  });
}

export function readMachines(table: Table, mapping: Mapping): ReadMachines {
  const [cells, centers] = [new Cells(table, mapping), new Set<string>()];
  const machines = byCode(cells, (row, code) => {
    const center = cells.text(row, 'workCenter');
    if (center === undefined) cells.fault(row, 'workCenter', 'noCenter');
    else centers.add(codeOf(center));
    const cost = cells.number(row, 'cost', 0);
    const input = {
      code,
      name: cells.text(row, 'name') ?? code,
      workCenterCode: codeOf(center ?? ''),
      capacity: cells.whole(row, 'capacity', 1, 1_000) ?? 1,
      speedPercent: cells.whole(row, 'speed', 1, 1_000) ?? 100,
      hourlyCost: cost === undefined ? undefined : decimal(cost),
    };
    return { row: row.number, input };
  });
  return { machines, centers: [...centers], faults: cells.faults };
}

/** "Turning 3; milling: 2, CNC": a skill with its level of 1 to 5, which is 3 where nobody says. */
export function skillsOf(text: string): { skill: string; level: number }[] {
  return text
    .split(/[;,|/\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const found = /^(.*?)[\s:=(]+([1-5])\)?$/.exec(part);
      return found?.[1] === undefined || found[1] === '' ? { skill: part, level: 3 } : { skill: found[1].trim(), level: Number(found[2]) };
    });
}

export function readOperators(table: Table, mapping: Mapping): ReadOperators {
  const cells = new Cells(table, mapping);
  const operators = byCode(cells, (row, code) => ({
    row: row.number,
    input: { code, name: cells.text(row, 'name') },
    skills: skillsOf(cells.text(row, 'skills') ?? '').map((held) => ({ operatorCode: code, ...held })),
  }));
  return { operators, faults: cells.faults };
}
