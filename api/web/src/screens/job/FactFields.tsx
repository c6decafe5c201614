import { Textarea, TextInput } from '@mantine/core';
import { useId } from 'react';
import type { FieldErrors, Path, UseFormRegister } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useManner } from '../../time/useFormat';
import { type Fact, type FactsForm, NOTES_MOST } from './facts';
import css from './form.module.css';

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'error', 'description'];

/** What a fault is, in words. */
export function useFaultWords(): (message: string | undefined) => string | undefined {
  const { t } = useTranslation('job');
  return (message) => {
    switch (message) {
      case 'long':
      case 'quantity':
      case 'unit':
      case 'priority':
      case 'notes':
      case 'jobNumber':
      case 'twice':
      case 'number':
      case 'name':
      case 'workCenter':
      case 'time':
        return t(`fault.${message}`);
      default:
        return message;
    }
  };
}

interface FactFieldsProps<Form extends FactsForm> {
  register: UseFormRegister<Form>;
  errors: FieldErrors<FactsForm>;
  customers?: readonly string[];
}

/** The fields of what a job is. */
export function FactFields<Form extends FactsForm>({ register, errors }: FactFieldsProps<Form>) {
  const { t } = useTranslation('job');
  const { zone } = useManner();
  const words = useFaultWords();
  const units = useId();
  const field = (name: Fact) => ({
    inputWrapperOrder: ORDER,
    label: t(`fact.${name}`),
    error: words(errors[name]?.message),
    ...register(name as Path<Form>),
  });
  return (
    <div className={css.facts}>
      <TextInput {...field('product')} className={css.half} dir="auto" />
      <TextInput {...field('customer')} className={css.half} dir="auto" />
      <TextInput {...field('quantity')} className={css.quarter} inputMode="decimal" />
      <TextInput {...field('unit')} className={css.quarter} list={units} />
      <TextInput {...field('priority')} className={css.quarter} inputMode="numeric" description={t('form.priorityWhat')} />
      <TextInput {...field('due')} className={css.half} type="datetime-local" description={t('form.zone', { zone })} />
      <TextInput {...field('release')} className={css.half} type="datetime-local" description={t('form.releaseWhat')} />
      <Textarea
        {...field('notes')}
        className={css.all}
        autosize
        minRows={3}
        maxRows={16}
        dir="auto"
        description={t('form.notesMost', { count: NOTES_MOST })}
      />
      <datalist id={units}>
        {['pcs', 'kg', 'm', 'set', 'h'].map((unit) => (
          <option key={unit} value={unit} />
        ))}
      </datalist>
    </div>
  );
}
