// What a file comes to: what will be made, what can't be read, and what is missing for it.
import type { Fault, Mapping } from './cells';
import type { Command } from './commands';
import { NEEDED } from './fields';
import { JobsReader } from './jobs';
import { readMachines, readOperators } from './others';
import type { Table } from './table';

export interface Missing {
  code: string;
  /** How many machines it has, where none are in a file. */
  machines: number;
}

export interface Outcome {
  /** Things of the file, without work centers. */
  things: number;
  operations: number;
  commands: Command[];
  centers: string[];
  faults: Fault[];
  /** Fields that no column is. */
  lacking: string[];
}

export function outcomeOf(table: Table, mapping: Mapping, zone: string): Outcome {
  const lacking = NEEDED[mapping.kind].filter((field) => !mapping.fields.includes(field));
  if (lacking.length > 0) return { things: 0, operations: 0, commands: [], centers: [], faults: [], lacking };
  if (mapping.kind === 'jobs') {
    const { jobs, operations, centers, faults } = new JobsReader(table, mapping, zone).read();
    const commands = jobs.map(({ rows, input }): Command => ({ mutation: 'createJob', input, about: input.number, row: rows[0] }));
    return { things: jobs.length, operations, commands, centers, faults, lacking };
  }
  if (mapping.kind === 'machines') {
    const { machines, centers, faults } = readMachines(table, mapping);
    const commands = machines.map(({ row, input }): Command => ({ mutation: 'registerMachine', input, about: input.code, row }));
    return { things: machines.length, operations: 0, commands, centers, faults, lacking };
  }
  const { operators, faults } = readOperators(table, mapping);
  const people = operators.map(({ row, input }): Command => ({ mutation: 'registerOperator', input, about: input.code, row }));
  const skills = operators.flatMap(({ row, input, skills: held }) =>
    held.map((skill): Command => ({ mutation: 'grantSkill', input: skill, about: `${input.code}: ${skill.skill}`, row })),
  );
  return { things: operators.length, operations: 0, commands: [...people, ...skills], centers: [], faults, lacking };
}

/** Work centers that the file names and nobody has made yet, with their machines: before everything else. */
export function makingOf(missing: readonly Missing[]): Command[] {
  const centers = missing.map(({ code }): Command => ({ mutation: 'createWorkCenter', input: { code, name: code }, about: code }));
  const machines = missing.flatMap(({ code, machines: count }) =>
    Array.from({ length: count }, (_, at): Command => {
      const machine = `${code}-${at + 1}`;
      return { mutation: 'registerMachine', input: { code: machine, name: machine, workCenterCode: code }, about: machine };
    }),
  );
  return [...centers, ...machines];
}
