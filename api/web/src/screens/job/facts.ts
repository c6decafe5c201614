// The facts of a job as they are typed: texts, held against rules, and made what the API takes.
import { z } from 'zod';
import type { CreateJobInput, ReviseJobInput } from '../../api/generated/job';
import { shownNumber } from '../../time/decimal';
import { instantOf, toField } from '../../time/field';
import { type OperationForm, operationFaults, operationInput, spokenHere, typed } from './operation';
import type { Job } from './useJob';

// It would try whether it may compile code, which the page's policy refuses and reports.
z.config({ jitless: true });

export const FACTS = ['product', 'customer', 'quantity', 'unit', 'priority', 'due', 'release', 'notes'] as const;
export type Fact = (typeof FACTS)[number];
export type FactsForm = Record<Fact, string>;

export interface NewJobForm extends FactsForm {
  number: string;
  operations: OperationForm[];
}

export const NOTES_MOST = 10_000;
const TEXT_MOST = 200;

const isQuantity = (text: string): boolean => text.trim() === '' || typed(text) > 0;
const isPriority = (text: string): boolean => /^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 100;

/** Faults are named, and said by who shows them. */
const facts = {
  product: z.string().max(TEXT_MOST, 'long'),
  customer: z.string().max(TEXT_MOST, 'long'),
  quantity: z.string().refine(isQuantity, 'quantity'),
  unit: z.string().trim().min(1, 'unit'),
  priority: z.string().refine(isPriority, 'priority'),
  due: z.string(),
  release: z.string(),
  notes: z.string().max(NOTES_MOST, 'notes'),
};

export const factsSchema = z.object(facts);

const operation = z.custom<OperationForm>().superRefine((form, context) => {
  for (const [field, message] of Object.entries(operationFaults(form))) context.addIssue({ code: 'custom', path: [field], message });
});

export const newJobSchema = z
  .object({ ...facts, number: z.string().trim().min(1, 'jobNumber').max(64, 'long'), operations: z.array(operation) })
  .superRefine(({ operations }, context) => {
    const numbers = operations.map(({ number }) => number.trim());
    for (const [at, number] of numbers.entries()) {
      if (numbers.indexOf(number) !== at) context.addIssue({ code: 'custom', path: ['operations', at, 'number'], message: 'twice' });
    }
  });

export const emptyFacts: FactsForm = {
  product: '',
  customer: '',
  quantity: '',
  unit: 'pcs',
  priority: '50',
  due: '',
  release: '',
  notes: '',
};

type Known = Pick<Job, 'product' | 'customer' | 'quantity' | 'unit' | 'priority' | 'due' | 'release' | 'notes'>;

export const factsOf = (job: Known, zone: string): FactsForm => ({
  product: job.product ?? '',
  customer: job.customer ?? '',
  quantity: job.quantity === null ? '' : shownNumber(job.quantity, spokenHere()),
  unit: job.unit,
  priority: String(job.priority),
  due: job.due === null ? '' : toField(job.due, zone),
  release: job.release === null ? '' : toField(job.release, zone),
  notes: job.notes ?? '',
});

const text = (typed: string): string | undefined => (typed.trim() === '' ? undefined : typed.trim());
/** All that revising sets; the date is promised apart. A release that was not touched stays as it came. */
export const factsInput = (form: FactsForm, zone: string, release?: string | null): Omit<ReviseJobInput, 'jobId' | 'jobNumber'> => ({
  product: text(form.product),
  customer: text(form.customer),
  quantity: text(form.quantity) === undefined ? undefined : String(typed(form.quantity)),
  unit: form.unit.trim(),
  priority: Number(form.priority),
  release: instantOf(form.release, zone, release),
  notes: text(form.notes),
});

export const dueOf = (form: FactsForm, zone: string, due?: string | null): string | undefined => instantOf(form.due, zone, due);

export const newJobInput = ({ number, operations, ...form }: NewJobForm, zone: string): CreateJobInput => ({
  ...factsInput(form, zone),
  number: number.trim(),
  due: dueOf(form, zone),
  operations: operations.map(operationInput),
});

export const isSame = (one: FactsForm, other: FactsForm, fields: readonly Fact[] = FACTS): boolean =>
  fields.every((field) => one[field] === other[field]);
