import { ActionIcon, Button } from '@mantine/core';
import { Plus, Siren, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CallActions } from '../../andon/CallActions';
import { CallState } from '../../andon/CallState';
import { command, useCommand } from '../../api/command';
import { CallHelpDocument, EndCallDocument, GoOnDocument } from '../../api/generated/andon';
import { AddOperationDocument, RemoveOperationDocument } from '../../api/generated/job';
import { Refusal } from '../../api/query';
import { useMay } from '../../api/session';
import { FormDialog } from '../../app/FormDialog';
import { Status } from '../../design/Status';
import { useReason } from '../../design/states';
import { Age, When } from '../../design/values';
import { HindranceDialog } from './Hindrance';
import css from './job.module.css';
import { OperationFields } from './OperationFields';
import { asGiven, emptyOperation, type OperationForm, operationInput, useOperationFaults } from './operation';
import type { Job } from './useJob';

type Operation = Job['operations'][number];

/** Its operations in words; who plans adds some and takes out what has not begun. */
export function Operations({ job }: { job: Job }) {
  const { t } = useTranslation('job');
  const [adding, setAdding] = useState(false);
  const open = job.status !== 'COMPLETED' && job.status !== 'CANCELLED';
  const may = useMay();
  const mayChange = may('MANAGE_JOBS') && open;
  const mayCall = may('WORK_ON_FLOOR') && open;
  return (
    <>
      {job.operations.length === 0 && <p className="muted">{t('noOperations')}</p>}
      <ol className={css.operations}>
        {job.operations.map((operation) => (
          <li key={operation.number}>
            <span className="muted">{operation.number}</span>
            <span className={css.name}>
              {operation.name}
              <span className="muted"> {operation.workCenter.name ?? operation.workCenter.code}</span>
            </span>
            <span className={css.operationEnd}>
              <Status of="operation" is={operation.status} />
              {mayCall && !operation.andon && operation.status !== 'FINISHED' && <Call job={job} operation={operation} />}
              {mayChange && operation.status === 'WAITING' && <Remove job={job} operation={operation} />}
            </span>
            <span className={css.times}>
              <Times operation={operation} />
            </span>
            {operation.andon && <OpenCall job={job} operation={operation} call={operation.andon} />}
            {operation.plan?.instructions && (
              <span className={css.times} dir="auto">
                {operation.plan.instructions}
              </span>
            )}
          </li>
        ))}
      </ol>
      {mayChange && (
        <div>
          <Button size="compact-sm" variant="default" leftSection={<Plus size={14} aria-hidden />} onClick={() => setAdding(true)}>
            {t('operation.add')}
          </Button>
        </div>
      )}
      {adding && <Add job={job} close={() => setAdding(false)} />}
    </>
  );
}

/** Somebody waits for help there. */
function OpenCall({ job, operation, call }: { job: Job; operation: Operation; call: NonNullable<Operation['andon']> }) {
  return (
    <span className={css.call}>
      <CallState is={call.answered ? 'answered' : call.escalated ? 'escalated' : 'open'} />
      <span dir="auto">{call.reason}</span>
      <span className="muted">
        <Age since={call.calledAt} />
      </span>
      <CallActions
        callId={call.id}
        jobId={job.id}
        operation={operation.number}
        name={`${job.number} · ${operation.number}`}
        isAnswered={call.answered}
      />
    </span>
  );
}

function Call({ job, operation }: { job: Job; operation: Operation }) {
  const { t } = useTranslation('andon');
  const [isAsked, setAsked] = useState(false);
  const name = `${job.number} · ${operation.number}`;
  const { mutateAsync } = useCommand(CallHelpDocument, {
    done: ({ job: after }) => ({
      said: t('done.called', { name }),
      undo: async () => {
        const on = { jobId: job.id, operation: operation.number };
        const callId = after?.operations.find(({ number }) => number === operation.number)?.andon?.id;
        await command(EndCallDocument, { ...on, callId });
        // Whom it has stopped.
        for (const { operator } of operation.atWork) await command(GoOnDocument, { ...on, operatorCode: operator.code });
      },
    }),
    changes: [['job', job.number]],
  });
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={t('callAsk', { name })}
        title={t('callAsk', { name })}
        onClick={() => setAsked(true)}
      >
        <Siren size={14} aria-hidden />
      </ActionIcon>
      {isAsked && (
        <HindranceDialog
          title={t('callAsk', { name })}
          name={t('call')}
          submit={(hindrance) => mutateAsync({ jobId: job.id, operation: operation.number, ...hindrance })}
          close={() => setAsked(false)}
        />
      )}
    </>
  );
}

function Add({ job, close }: { job: Job; close: () => void }) {
  const { t } = useTranslation('job');
  const last = job.operations.at(-1)?.number ?? 0;
  const [form, setForm] = useState<OperationForm>(() => emptyOperation(last + 10));
  const faults = useOperationFaults()(form);
  const { mutateAsync } = useCommand(AddOperationDocument, {
    done: () => ({
      said: t('done.added', { number: job.number, name: form.name }),
      undo: () => command(RemoveOperationDocument, { jobId: job.id, operation: Number(form.number) }),
    }),
  });
  const [tried, setTried] = useState(false);
  const submit = async () => {
    setTried(true);
    if (Object.keys(faults).length > 0) throw new Refusal('FAULTY', t('form.faulty'));
    await mutateAsync({ jobId: job.id, operation: operationInput(form) });
  };
  return (
    <FormDialog title={t('operation.add')} name={t('operation.add')} submit={submit} close={close} size={640}>
      <OperationFields value={form} change={setForm} faults={tried ? faults : {}} />
    </FormDialog>
  );
}

function Remove({ job, operation }: { job: Job; operation: Operation }) {
  const { t } = useTranslation('job');
  const { mutate, error, isPending } = useCommand(RemoveOperationDocument, {
    done: () => ({
      said: t('done.removed', { number: job.number, name: operation.name }),
      undo: () => command(AddOperationDocument, { jobId: job.id, operation: asGiven(operation) }),
    }),
  });
  const reason = useReason(error);
  return (
    <>
      {error && (
        <span role="alert" className={css.refused}>
          {reason}
        </span>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        loading={isPending}
        aria-label={t('operation.remove', { name: operation.name })}
        title={t('operation.remove', { name: operation.name })}
        onClick={() => mutate({ jobId: job.id, operation: operation.number })}
      >
        <Trash2 size={14} aria-hidden />
      </ActionIcon>
    </>
  );
}

function Times({ operation }: { operation: Operation }) {
  const { t } = useTranslation('job');
  const people = operation.atWork.map(({ operator }) => operator.name ?? operator.code).join(', ');
  const made = Number(operation.good) > 0 ? ` · ${t('fact.made', { good: operation.good, scrap: operation.scrap })}` : '';
  if (operation.finishedAt) {
    return (
      <>
        {t('time.finished')} <When at={operation.finishedAt} />
        {made}
      </>
    );
  }
  if (operation.beganAt) {
    return (
      <>
        {t('time.began')} <When at={operation.beganAt} /> {people && `· ${people}`}
        {made}
      </>
    );
  }
  const window = operation.plan?.window;
  if (!window) return <>{t('time.none')}</>;
  const where = [window.machine?.code, window.operator?.name ?? window.operator?.code].filter(Boolean).join(', ');
  return (
    <>
      {t('time.planned')} <When at={window.start} /> – <When at={window.end} /> {where && `· ${where}`}
    </>
  );
}
