// Rows of operations as jobs: rows of one number are one job, its facts may stand in one row or in all.
import type { CreateJobInput, OperationPlanInput } from '../../api/generated/import';
import { type Zone, zoneOf } from '../../time/zone';
import { Cells, type Fault, type Mapping } from './cells';
import type { Field } from './fields';
import type { Row, Table } from './table';
import type { Wall } from './values';

export interface ReadJob {
  rows: number[];
  input: CreateJobInput;
}

export interface ReadJobs {
  jobs: ReadJob[];
  operations: number;
  /** Codes of work centers that operations are done at, in the order of the file. */
  centers: string[];
  faults: Fault[];
}

const FACTS: Field[] = ['product', 'customer', 'quantity', 'unit', 'due', 'release', 'priority', 'notes'];
const OF_OPERATIONS: Field[] = ['operation', 'operationName', 'workCenter', 'setup', 'perUnit', 'run'];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const STEP = 10;
const MOST_NUMBER = 65_535;

/** A code as people mean it: without what a spreadsheet leaves around it. */
export const codeOf = (text: string): string => text.trim().replace(/\s+/g, ' ');

export class JobsReader {
  readonly #cells: Cells;
  readonly #zone: Zone;

  constructor(table: Table, mapping: Mapping, zone: string) {
    this.#cells = new Cells(table, mapping);
    this.#zone = zoneOf(zone);
  }

  read(): ReadJobs {
    const groups = new Map<string, Row[]>();
    let last: string | undefined;
    for (const row of this.#cells.table.rows) {
      // A report writes the number once, above the operations that belong to it.
      const number = this.#cells.text(row, 'number') ?? last;
      if (number === undefined) this.#cells.fault(row, 'number', 'missing');
      else {
        const group = groups.get(number);
        if (group === undefined) groups.set(number, [row]);
        else group.push(row);
      }
      last = number;
    }
    const jobs = [...groups].flatMap(([number, rows]) => {
      const faultsBefore = this.#cells.faults.length;
      const input = this.#job(number, rows);
      // A job of which a row can't be read is left out whole: half of it would be planned wrongly.
      return this.#cells.faults.length > faultsBefore ? [] : [{ rows: rows.map((row) => row.number), input }];
    });
    const { brokenAt, rows } = this.#cells.table;
    const broken = rows.find((row) => row.number >= (brokenAt ?? Number.POSITIVE_INFINITY));
    if (broken !== undefined) this.#cells.fault(broken, 'number', 'quote');
    const operations = jobs.flatMap(({ input }) => input.operations ?? []);
    const centers = new Set(operations.flatMap(({ workCenterCode }) => workCenterCode ?? []));
    return { jobs, operations: operations.length, centers: [...centers], faults: this.#cells.faults };
  }

  /** The row that says this of the job, unless two say different things. */
  #saying(rows: Row[], field: Field): Row | undefined {
    const saying = rows.filter((row) => this.#cells.text(row, field) !== undefined);
    const [first, ...others] = saying;
    if (first === undefined) return undefined;
    const other = others.find((row) => this.#cells.text(row, field) !== this.#cells.text(first, field));
    if (other !== undefined) this.#cells.fault(other, field, 'differs');
    return first;
  }

  /** By the end of the day that is named without a time, and from its beginning. */
  #instant(wall: Wall | undefined, isEnd: boolean): string | undefined {
    if (wall === undefined) return undefined;
    return new Date(this.#zone.instant(wall.at + (isEnd && !wall.hasTime ? DAY - MINUTE : 0))).toISOString();
  }

  #job(number: string, rows: Row[]): CreateJobInput {
    const by = new Map(FACTS.map((field) => [field, this.#saying(rows, field)]));
    const text = (field: Field) => {
      const row = by.get(field);
      return row && this.#cells.text(row, field);
    };
    const [quantityRow, dueRow, releaseRow, priorityRow] = (['quantity', 'due', 'release', 'priority'] as const).map((field) =>
      by.get(field),
    );
    const quantity = quantityRow && this.#cells.number(quantityRow, 'quantity', Number.MIN_VALUE);
    const input = {
      number,
      product: text('product'),
      customer: text('customer'),
      quantity: quantity === undefined ? undefined : String(quantity),
      unit: text('unit') ?? 'pcs',
      due: this.#instant(dueRow && this.#cells.date(dueRow, 'due'), true),
      release: this.#instant(releaseRow && this.#cells.date(releaseRow, 'release'), false),
      priority: (priorityRow && this.#cells.whole(priorityRow, 'priority', 1, 100)) ?? 50,
      notes: text('notes'),
    };
    return { ...input, operations: this.#operationsOf(rows, quantity) };
  }

  #operationsOf(rows: Row[], quantity: number | undefined): OperationPlanInput[] {
    const work = rows.filter((row) => OF_OPERATIONS.some((field) => this.#cells.text(row, field) !== undefined));
    const numbers = new Set<number>();
    let next = STEP;
    return work.flatMap((row) => {
      const number = this.#cells.whole(row, 'operation', 1, MOST_NUMBER) ?? next;
      if (numbers.has(number)) this.#cells.fault(row, 'operation', 'twice');
      numbers.add(number);
      next = (Math.floor(number / STEP) + 1) * STEP;
      const center = this.#cells.text(row, 'workCenter');
      if (center === undefined) {
        this.#cells.fault(row, 'workCenter', 'noCenter');
        return [];
      }
      return [this.#operation(row, { number, center: codeOf(center), quantity })];
    });
  }

  #operation(row: Row, { number, center, quantity }: { number: number; center: string; quantity: number | undefined }): OperationPlanInput {
    const cells = this.#cells;
    const [setup, perUnit, run] = (['setup', 'perUnit', 'run'] as const).map((field) => cells.duration(row, field));
    if (perUnit === undefined && run !== undefined && quantity === undefined) cells.fault(row, 'run', 'noQuantity');
    const each = perUnit ?? (run !== undefined && quantity !== undefined ? run / quantity : undefined);
    const skill = cells.text(row, 'skill');
    return {
      number,
      name: cells.text(row, 'operationName') ?? center,
      workCenterCode: center,
      setupSeconds: Math.round(setup ?? 0),
      run: each === undefined ? undefined : { perUnitSeconds: decimal(each) },
      skill: skill === undefined ? undefined : { skill, level: 1 },
      setupFamily: cells.text(row, 'setupFamily'),
      instructions: cells.text(row, 'instructions'),
    };
  }
}

/** As the server takes decimals: no exponent, no more places than mean something. */
export const decimal = (value: number): string => value.toFixed(3).replace(/\.?0+$/, '');
