// One row's cells by what they mean; what can't be read is kept as a fault with its row and column.
import type { Field, Kind } from './fields';
import type { Row, Table } from './table';
import {
  type DateOrder,
  type DecimalSign,
  decimalOf,
  orderOf,
  readDate,
  readDuration,
  readNumber,
  type TimeUnit,
  unitOf,
  type Wall,
} from './values';

/** What is the matter: a key of the screen's texts. */
export type FaultKind = 'missing' | 'number' | 'date' | 'duration' | 'range' | 'differs' | 'twice' | 'noQuantity' | 'noCenter' | 'quote';

export interface Fault {
  row: number;
  column: string;
  kind: FaultKind;
  value: string;
}

export interface Manner {
  decimal: DecimalSign;
  dates: DateOrder;
  /** By column: what a bare number of a time counts. */
  units: (TimeUnit | undefined)[];
}

export interface Mapping {
  kind: Kind;
  fields: (Field | undefined)[];
  manner: Manner;
}

const TIMES: (Field | undefined)[] = ['setup', 'perUnit', 'run'];
const DATES: (Field | undefined)[] = ['due', 'release'];

/** How the file writes numbers and dates: as the cells of its head show; else as files with this separator mostly do. */
export function guessManner(table: Table, fields: (Field | undefined)[]): Manner {
  const of = (wanted: (Field | undefined)[]) =>
    table.rows.flatMap(({ cells }) => cells.filter((cell, at) => cell !== '' && wanted.includes(fields[at])));
  const numbers = of(['quantity', 'cost', ...TIMES]);
  return {
    decimal: decimalOf(numbers) ?? (table.delimiter === ';' ? ',' : '.'),
    dates: orderOf(of(DATES)) ?? 'dmy',
    units: fields.map((field, at) =>
      TIMES.includes(field) ? (unitOf(table.columns[at] ?? '') ?? (field === 'run' ? 'h' : 'min')) : undefined,
    ),
  };
}

export class Cells {
  readonly faults: Fault[] = [];

  constructor(
    readonly table: Table,
    readonly mapping: Mapping,
  ) {}

  column(field: Field): string {
    const at = this.mapping.fields.indexOf(field);
    return at < 0 ? '' : (this.table.columns[at] ?? '') || `${at + 1}`;
  }

  text(row: Row, field: Field): string | undefined {
    const cell = row.cells[this.mapping.fields.indexOf(field)];
    return cell === undefined || cell === '' ? undefined : cell;
  }

  fault(row: Row, field: Field, kind: FaultKind): undefined {
    this.faults.push({ row: row.number, column: this.column(field), kind, value: this.text(row, field) ?? '' });
    return undefined;
  }

  number(row: Row, field: Field, least: number, most = Number.POSITIVE_INFINITY): number | undefined {
    const text = this.text(row, field);
    if (text === undefined) return undefined;
    const value = readNumber(text.replace(/\s*%$/, ''), this.mapping.manner.decimal);
    if (value === undefined) return this.fault(row, field, 'number');
    return value < least || value > most ? this.fault(row, field, 'range') : value;
  }

  whole(row: Row, field: Field, least: number, most: number): number | undefined {
    const value = this.number(row, field, least, most);
    return value === undefined || Number.isInteger(value) ? value : this.fault(row, field, 'range');
  }

  date(row: Row, field: Field): Wall | undefined {
    const text = this.text(row, field);
    return text === undefined ? undefined : (readDate(text, this.mapping.manner.dates) ?? this.fault(row, field, 'date'));
  }

  duration(row: Row, field: Field): number | undefined {
    const text = this.text(row, field);
    if (text === undefined) return undefined;
    const unit = this.mapping.manner.units[this.mapping.fields.indexOf(field)] ?? 'min';
    const seconds = readDuration(text, unit, this.mapping.manner.decimal);
    return seconds === undefined || seconds < 0 ? this.fault(row, field, 'duration') : seconds;
  }
}
