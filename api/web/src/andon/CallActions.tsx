// Somebody takes care of a call for help; it is over.
import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../api/command';
import { AnswerCallDocument, EndCallDocument } from '../api/generated/andon';
import { usePast } from '../api/moment';
import { useMay } from '../api/session';
import { FormDialog } from '../app/FormDialog';
import { useReason } from '../design/states';
import css from './andon.module.css';

interface CallActionsProps {
  /** Which call: another one of the operation is not meant. */
  callId: string;
  jobId: string;
  operation: number;
  /** What it is about, for who hears it. */
  name: string;
  isAnswered: boolean;
}

export function CallActions({ callId, jobId, operation, name, isAnswered }: CallActionsProps) {
  const { t } = useTranslation('andon');
  const [may, past] = [useMay(), usePast()];
  const [isEnding, setEnding] = useState(false);
  const answer = useCommand(AnswerCallDocument, { done: () => ({ said: t('done.answered', { name }) }), changes: CHANGED });
  const reason = useReason(answer.error);
  if (!may('WORK_ON_FLOOR') || past !== undefined) return null;
  return (
    <span className={css.actions}>
      {!isAnswered && (
        <Button
          size="compact-sm"
          loading={answer.isPending}
          aria-label={t('answerNamed', { name })}
          onClick={() => answer.mutate({ callId, jobId, operation })}
        >
          {t('answer')}
        </Button>
      )}
      <Button size="compact-sm" variant="default" aria-label={t('endNamed', { name })} onClick={() => setEnding(true)}>
        {t('end')}
      </Button>
      {answer.error && (
        <span role="alert" className={css.refused}>
          {reason}
        </span>
      )}
      {isEnding && <End callId={callId} jobId={jobId} operation={operation} name={name} close={() => setEnding(false)} />}
    </span>
  );
}

/** Where nothing live tells of it: the job beside the screen. */
const CHANGED = [['job']];

function End({ callId, jobId, operation, name, close }: Omit<CallActionsProps, 'isAnswered'> & { close: () => void }) {
  const { t } = useTranslation('andon');
  const [remedy, setRemedy] = useState('');
  const { mutateAsync } = useCommand(EndCallDocument, { done: () => ({ said: t('done.ended', { name }) }), changes: CHANGED });
  return (
    <FormDialog
      title={t('endAsk', { name })}
      name={t('end')}
      submit={() => mutateAsync({ callId, jobId, operation, remedy: remedy.trim() === '' ? undefined : remedy.trim() })}
      close={close}
      fields={['remedy']}
    >
      {(fault) => (
        <Textarea
          label={t('remedy')}
          description={t('remedyWhy')}
          autosize
          minRows={2}
          dir="auto"
          value={remedy}
          error={fault('remedy')}
          onChange={({ currentTarget: { value } }) => setRemedy(value)}
          data-autofocus
        />
      )}
    </FormDialog>
  );
}
