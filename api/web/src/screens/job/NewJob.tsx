import { zodResolver } from '@hookform/resolvers/zod';
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus, Trash2 } from 'lucide-react';
import { useEffect } from 'react';
import { type FieldErrors, useFieldArray, useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import { CancelJobDocument, CreateJobDocument } from '../../api/generated/job';
import { Refusal } from '../../api/query';
import { useDraft } from '../../app/draft';
import { sayDone } from '../../app/undo';
import shared from '../../design/form.module.css';
import { Page } from '../../design/Page';
import { Panel } from '../../design/Panel';
import { useReason } from '../../design/states';
import { useManner } from '../../time/useFormat';
import { FactFields, useFaultWords } from './FactFields';
import { emptyFacts, type NewJobForm, newJobInput, newJobSchema } from './facts';
import css from './form.module.css';
import { OperationFields } from './OperationFields';
import { emptyOperation, type OperationForm } from './operation';

const EMPTY: NewJobForm = { ...emptyFacts, number: '', operations: [] };

/** A job with its operations. What is typed stays in this tab until it is created. */
export default function NewJob() {
  const { t } = useTranslation('job');
  const { zone } = useManner();
  const navigate = useNavigate();
  const words = useFaultWords();
  const draft = useDraft<NewJobForm>('new-job');
  const form = useForm<NewJobForm>({
    resolver: zodResolver(newJobSchema),
    defaultValues: { ...EMPTY, ...draft.read() },
    mode: 'onTouched',
  });
  const { register, formState, watch, handleSubmit, control, setValue, getValues, setError, reset } = form;
  const operations = useFieldArray({ control, name: 'operations' });
  useEffect(() => {
    const { unsubscribe } = watch(() => draft.keep(getValues()));
    return unsubscribe;
  }, [watch, draft, getValues]);
  const create = useMutation({
    mutationFn: (typed: NewJobForm) => command(CreateJobDocument, newJobInput(typed, zone)),
    onSuccess: (_, { number: typed }) => {
      const number = typed.trim();
      draft.forget();
      const undo = () => command(CancelJobDocument, { jobNumber: number, reason: t('done.undoCreate') });
      sayDone({ said: t('done.created', { number }), undo });
      void navigate({ to: '/jobs/$number', params: { number } });
    },
    onError: (error) => {
      if (error instanceof Refusal && error.field === 'number') setError('number', { message: error.message }, { shouldFocus: true });
    },
  });
  const atField = create.error instanceof Refusal && create.error.field === 'number';
  const reason = useReason(create.error ?? undefined);
  const next = Math.max(0, ...watch('operations').map(({ number }) => Number(number) || 0)) + 10;
  return (
    <Page title={t('form.new')}>
      <form noValidate onSubmit={(event) => void handleSubmit((typed) => create.mutate(typed))(event)} className={css.page}>
        <Panel title={t('form.what')}>
          <TextInput
            label={t('fact.number')}
            description={t('form.numberWhat')}
            className={css.number}
            error={words(formState.errors.number?.message)}
            required
            {...register('number')}
          />
          <FactFields register={register} errors={formState.errors} />
        </Panel>
        <Panel title={t('operations')} aside={t('form.operationsWhat')}>
          <ol className={css.operations}>
            {operations.fields.map((field, at) => (
              <li key={field.id}>
                <OperationFields
                  value={watch(`operations.${at}`)}
                  change={(value) => setValue(`operations.${at}`, value, { shouldDirty: true, shouldValidate: formState.isSubmitted })}
                  faults={formState.isSubmitted ? said(formState.errors.operations?.[at], words) : {}}
                />
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  leftSection={<Trash2 size={14} aria-hidden />}
                  onClick={() => operations.remove(at)}
                >
                  {t('operation.remove', { name: watch(`operations.${at}.name`) || watch(`operations.${at}.number`) })}
                </Button>
              </li>
            ))}
          </ol>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => operations.append(emptyOperation(next))}
          >
            {t('operation.add')}
          </Button>
        </Panel>
        {create.error && !atField && (
          <p role="alert" className={shared.refused}>
            {reason}
          </p>
        )}
        <div className={shared.buttons}>
          <Button
            variant="default"
            disabled={!formState.isDirty && draft.read() === undefined}
            onClick={() => {
              const typed = getValues();
              reset(EMPTY);
              draft.forget();
              sayDone({ said: t('done.emptied'), undo: async () => reset(typed) });
            }}
          >
            {t('form.startOver')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('form.create')}
          </Button>
        </div>
      </form>
    </Page>
  );
}

function said(
  errors: FieldErrors<OperationForm> | undefined,
  words: (message: string | undefined) => string | undefined,
): Partial<Record<keyof OperationForm, string>> {
  if (errors === undefined) return {};
  const fields: (keyof OperationForm)[] = ['number', 'name', 'workCenter', 'setup', 'perUnit'];
  return Object.fromEntries(fields.flatMap((field) => (errors[field] ? [[field, words(errors[field].message)]] : [])));
}
