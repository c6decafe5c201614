// An operation as it is typed, and as the API takes it. Times are typed in minutes, a unit's in seconds.
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import type { AddOperationInput } from '../../api/generated/job';
import { localeOf } from '../../i18n';
import { typedNumber } from '../../time/decimal';
import type { Job } from './useJob';

export type OperationInput = AddOperationInput['operation'];

export interface OperationForm {
  number: string;
  name: string;
  workCenter: string;
  /** Minutes. */
  setup: string;
  /** Seconds for each unit. */
  perUnit: string;
  skill: string;
  level: string;
  tools: string;
  family: string;
  instructions: string;
}

export type OperationFault = 'number' | 'name' | 'workCenter' | 'time';
export type OperationFaults = Partial<Record<keyof OperationForm, OperationFault>>;

export const emptyOperation = (number: number): OperationForm => ({
  number: String(number),
  name: '',
  workCenter: '',
  setup: '',
  perUnit: '',
  skill: '',
  level: '1',
  tools: '',
  family: '',
  instructions: '',
});

/** A number as people type it in the language of the app. */
export const typed = (text: string): number => typedNumber(text, spokenHere());

/** The language that numbers are written in here. */
export const spokenHere = (): string => localeOf(i18next.language ?? 'en');

const isAmount = (text: string): boolean => text.trim() === '' || typed(text) >= 0;

/** What is wrong with it, by field. */
export function operationFaults(form: OperationForm): OperationFaults {
  const faults: OperationFaults = {};
  const number = Number(form.number);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) faults.number = 'number';
  if (form.name.trim() === '') faults.name = 'name';
  if (form.workCenter === '') faults.workCenter = 'workCenter';
  if (!isAmount(form.setup)) faults.setup = 'time';
  if (!isAmount(form.perUnit)) faults.perUnit = 'time';
  return faults;
}

/** The same in words. */
export function useOperationFaults(): (form: OperationForm) => Partial<Record<keyof OperationForm, string>> {
  const { t } = useTranslation('job');
  return (form) => Object.fromEntries(Object.entries(operationFaults(form)).map(([field, fault]) => [field, t(`fault.${fault}`)]));
}

export function operationInput(form: OperationForm): OperationInput {
  const tools = form.tools
    .split(/[,;]/)
    .map((tool) => tool.trim())
    .filter(Boolean);
  return {
    number: Number(form.number),
    name: form.name.trim(),
    workCenterCode: form.workCenter,
    setupSeconds: form.setup.trim() === '' ? 0 : Math.round(typed(form.setup) * 60),
    ...(form.perUnit.trim() !== '' && { run: { perUnitSeconds: String(typed(form.perUnit)) } }),
    ...(form.skill.trim() !== '' && { skill: { skill: form.skill.trim(), level: Number(form.level) || 1 } }),
    ...(tools.length > 0 && { tools }),
    ...(form.family.trim() !== '' && { setupFamily: form.family.trim() }),
    ...(form.instructions.trim() !== '' && { instructions: form.instructions.trim() }),
  };
}

type Plan = NonNullable<Job['operations'][number]['plan']>;

function runOf(run: Plan['run']): OperationInput['run'] {
  if (run == null) return undefined;
  if (run.perUnitSeconds !== null) return { perUnitSeconds: run.perUnitSeconds };
  if (run.batchSize === null || run.perBatchSeconds === null) return undefined;
  return { perBatch: { size: run.batchSize, seconds: run.perBatchSeconds } };
}

/** All of an operation as it was given: what puts it back. */
export function asGiven({ number, name, workCenter, plan }: Job['operations'][number]): OperationInput {
  if (plan == null) return { number, name, workCenterCode: workCenter.code };
  return {
    number,
    name,
    workCenterCode: workCenter.code,
    setupSeconds: plan.setupSeconds,
    run: runOf(plan.run),
    alternatives: plan.alternatives.map((one) => ({
      workCenterCode: one.workCenter.code,
      setupSeconds: one.setupSeconds,
      run: runOf(one.run),
    })),
    skill: plan.skill === null ? undefined : { skill: plan.skill.skill, level: plan.skill.level },
    setupFamily: plan.setupFamily,
    tools: plan.tools,
    minLagSeconds: plan.minLagSeconds,
    maxLagSeconds: plan.maxLagSeconds,
    transferBatch: plan.transferBatch,
    outsideLeadSeconds: plan.outsideLeadSeconds,
    instructions: plan.instructions,
  };
}
