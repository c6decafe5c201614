// The facts of a job, edited while others may do the same: what only they have changed is taken and told, what both have changed is asked.

import { zodResolver } from '@hookform/resolvers/zod';
import { Button } from '@mantine/core';
import { GitMerge } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import { JobNowDocument, PromiseJobDocument, ReviseJobDocument } from '../../api/generated/job';
import { ask, Refusal } from '../../api/query';
import { useDraft } from '../../app/draft';
import { FormDialog } from '../../app/FormDialog';
import { sayDone } from '../../app/undo';
import { useManner } from '../../time/useFormat';
import { type Clash, merge } from './conflict';
import { FactFields } from './FactFields';
import { dueOf, FACTS, type Fact, type FactsForm, factsInput, factsOf, factsSchema, isSame } from './facts';
import css from './form.module.css';
import type { Job } from './useJob';

interface Draft {
  opened: FactsForm;
  typed: FactsForm;
}

const BUT_DUE = FACTS.filter((fact) => fact !== 'due');

/** Whether somebody has begun to change it and not saved. */
export const useEditDraft = (job: Job) => useDraft<Draft>(`job-${job.id}`);

export function EditJob({ job, close }: { job: Job; close: () => void }) {
  const { t } = useTranslation('job');
  const { zone } = useManner();
  const draft = useEditDraft(job);
  const [kept, setKept] = useState(draft.read);
  const [base, setBase] = useState(() => ({ values: kept?.opened ?? factsOf(job, zone), revision: kept ? '' : job.revision }));
  const [taken, setTaken] = useState<{ field: Fact; before: string; theirs: string }[]>([]);
  const [clashes, setClashes] = useState<Clash<Fact>[]>([]);
  const form = useForm<FactsForm>({ resolver: zodResolver(factsSchema), defaultValues: kept?.typed ?? base.values, mode: 'onTouched' });
  const { register, formState, getValues, reset, setValue, trigger, watch } = form;

  /** What the job has become meanwhile goes into the form. */
  const meet = (now: Job): { base: typeof base; clashes: Clash<Fact>[] } => {
    const theirs = factsOf(now, zone);
    const merged = merge(base.values, getValues(), theirs);
    for (const { field, theirs: value } of merged.taken) setValue(field, value);
    const fields = new Set([...merged.taken, ...merged.clashes].map(({ field }) => field));
    const open = [...clashes.filter(({ field }) => !fields.has(field)), ...merged.clashes];
    const next = { values: theirs, revision: now.revision };
    setTaken((all) => [...all.filter(({ field }) => !fields.has(field)), ...merged.taken]);
    setClashes(open);
    setBase(next);
    return { base: next, clashes: open };
  };
  const onNews = useEffectEvent(() => {
    if (job.revision !== base.revision) meet(job);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each revision is met once
  useEffect(() => onNews(), [job.revision]);

  const opened = base.values;
  useEffect(() => {
    const { unsubscribe } = watch((values) => draft.keep({ opened, typed: { ...opened, ...(values as Partial<FactsForm>) } }));
    return unsubscribe;
  }, [watch, draft, opened]);

  const settle = ({ field, theirs }: Clash<Fact>, take: boolean) => {
    if (take) setValue(field, theirs, { shouldDirty: true });
    setClashes((all) => all.filter((one) => one.field !== field));
  };

  const startOver = () => {
    reset(base.values);
    setClashes([]);
    draft.forget();
    setKept(undefined);
  };
  /** What is as it was need not be kept. */
  const leave = () => {
    if (isSame(getValues(), base.values)) draft.forget();
    close();
  };

  const save = async () => {
    if (!(await trigger())) throw new Refusal('FAULTY', t('form.faulty'));
    if (clashes.length > 0) throw new Refusal('CLASHES', t('form.chooseFirst'));
    const before = base.values;
    let now = base;
    const typed = getValues();
    for (let tried = 1; !isSame(typed, now.values, BUT_DUE); tried += 1) {
      try {
        const done = await command(ReviseJobDocument, {
          jobId: job.id,
          ...factsInput(typed, zone, job.release),
          expectedRevision: now.revision,
        });
        now = { values: { ...typed, due: now.values.due }, revision: done.revision ?? now.revision };
        setBase(now);
        break;
      } catch (error) {
        if (!(error instanceof Refusal && error.code === 'CONFLICT') || tried === 4) throw error;
        // It has changed, and nobody has told us yet.
        const { job: newest } = await ask(JobNowDocument, { id: job.id });
        if (newest === null) throw error;
        const met = meet(newest);
        if (met.clashes.length > 0) throw new Refusal('CLASHES', t('form.chooseFirst'));
        now = met.base;
        Object.assign(typed, getValues());
      }
    }
    const due = dueOf(typed, zone);
    const isPromised = due !== undefined && typed.due !== now.values.due;
    let own = now.revision;
    if (isPromised) own = (await command(PromiseJobDocument, { jobId: job.id, due })).revision ?? own;
    draft.forget();
    const undo = async () => {
      // What somebody else has changed since is not taken back with it.
      let expectedRevision = own;
      if (!isSame(typed, before, BUT_DUE)) {
        const facts = factsInput(before, zone, job.release);
        const done = await command(ReviseJobDocument, { jobId: job.id, ...facts, expectedRevision });
        expectedRevision = done.revision ?? expectedRevision;
      }
      const date = dueOf(before, zone, job.due);
      if (isPromised && date !== undefined) await command(PromiseJobDocument, { jobId: job.id, due: date, expectedRevision });
    };
    if (!isSame(typed, before)) sayDone({ said: t('done.revised', { number: job.number }), undo });
  };

  return (
    <FormDialog
      isKept
      title={t('form.edit', { number: job.number })}
      name={t('form.save')}
      submit={save}
      close={leave}
      size={720}
      disabled={clashes.length > 0}
    >
      {kept && (
        <p className={css.kept}>
          {t('form.kept')}
          <Button size="compact-sm" variant="subtle" onClick={startOver}>
            {t('form.startOver')}
          </Button>
        </p>
      )}
      {(taken.length > 0 || clashes.length > 0) && <Meanwhile taken={taken} clashes={clashes} settle={settle} />}
      <FactFields register={register} errors={formState.errors} />
    </FormDialog>
  );
}

interface MeanwhileProps {
  taken: { field: Fact; before: string; theirs: string }[];
  clashes: Clash<Fact>[];
  settle: (clash: Clash<Fact>, take: boolean) => void;
}

/** What somebody else has changed since this was opened. */
function Meanwhile({ taken, clashes, settle }: MeanwhileProps) {
  const { t } = useTranslation('job');
  const said = (text: string) => (text === '' ? t('form.empty') : text.length > 200 ? `${text.slice(0, 200)}…` : text.replace('T', ' '));
  return (
    <section className={css.meanwhile} role="status" aria-label={t('form.meanwhile')}>
      <p className={css.meanwhileTitle}>
        <GitMerge size={16} aria-hidden /> {t('form.meanwhile')}
      </p>
      <ul>
        {taken.map(({ field, before, theirs }) => (
          <li key={field}>
            {t(`fact.${field}`)}: <del dir="auto">{said(before)}</del> → <ins dir="auto">{said(theirs)}</ins>{' '}
            <span className="muted">{t('form.isTaken')}</span>
          </li>
        ))}
        {clashes.map((clash) => (
          <li key={clash.field} className={css.clash}>
            <p>{t('form.both', { field: t(`fact.${clash.field}`) })}</p>
            <div>
              <Button size="compact-sm" variant="default" onClick={() => settle(clash, false)}>
                {t('form.keepMine')}
              </Button>
              <span dir="auto">{said(clash.mine)}</span>
            </div>
            <div>
              <Button size="compact-sm" variant="default" onClick={() => settle(clash, true)}>
                {t('form.takeTheirs')}
              </Button>
              <span dir="auto">{said(clash.theirs)}</span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
