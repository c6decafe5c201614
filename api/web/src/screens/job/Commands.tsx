// What can be done with a job: each has its reason where one is asked for, and is taken back from the line at the foot.
import { Button, Menu, Textarea } from '@mantine/core';
import '@mantine/core/styles/Popover.layer.css';
import '@mantine/core/styles/Menu.layer.css';
import { useQueryClient } from '@tanstack/react-query';
import { Ban, Check, Ellipsis, Pause, Pencil, Play, RotateCcw, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import {
  BlockJobDocument,
  CancelJobDocument,
  CompleteJobDocument,
  PauseJobDocument,
  ReopenJobDocument,
  ResumeJobDocument,
} from '../../api/generated/job';
import { useMay } from '../../api/session';
import { FormDialog } from '../../app/FormDialog';
import { sayDone } from '../../app/undo';
import { useReason } from '../../design/states';
import { EditJob, useEditDraft } from './EditJob';
import { HindranceDialog } from './Hindrance';
import css from './job.module.css';
import type { Job } from './useJob';

type Asked = 'edit' | 'hold' | 'block' | 'cancel' | 'reopen';

export function Commands({ job }: { job: Job }) {
  const { t } = useTranslation('job');
  const [asked, setAsked] = useState<Asked>();
  const may = useMay();
  const draft = useEditDraft(job);
  const { id, number, status, reason } = job;
  const isClosed = status === 'COMPLETED' || status === 'CANCELLED';
  const isHeld = status === 'PAUSED' || status === 'BLOCKED';
  const resume = useCommand(ResumeJobDocument, {
    done: () => ({
      said: t('done.resumed', { number }),
      ...(status === 'PAUSED' && { undo: () => command(PauseJobDocument, { jobId: id, reason: reason ?? t('done.undoResume') }) }),
    }),
  });
  const complete = useCommand(CompleteJobDocument, {
    done: () => ({
      said: t('done.completed', { number }),
      undo: () => command(ReopenJobDocument, { jobId: id, reason: t('done.undoComplete') }),
    }),
  });
  const error = resume.error ?? complete.error;
  const why = useReason(error ?? undefined);
  if (!may('MANAGE_JOBS')) return null;
  return (
    <div className={css.commands}>
      {!isClosed && (
        <Button size="compact-sm" variant="default" leftSection={<Pencil size={14} aria-hidden />} onClick={() => setAsked('edit')}>
          {draft.read() ? t('command.goOnEditing') : t('command.edit')}
        </Button>
      )}
      {isHeld && (
        <Button
          size="compact-sm"
          leftSection={<Play size={14} aria-hidden />}
          loading={resume.isPending}
          onClick={() => resume.mutate({ jobId: id })}
        >
          {t('command.resume')}
        </Button>
      )}
      {!isClosed && !isHeld && (
        <Button size="compact-sm" variant="default" leftSection={<Pause size={14} aria-hidden />} onClick={() => setAsked('hold')}>
          {t('command.hold')}
        </Button>
      )}
      {isClosed ? (
        <Button size="compact-sm" variant="default" leftSection={<RotateCcw size={14} aria-hidden />} onClick={() => setAsked('reopen')}>
          {t('command.reopen')}
        </Button>
      ) : (
        <Menu position="bottom-end" transitionProps={{ duration: 120 }}>
          <Menu.Target>
            <Button size="compact-sm" variant="default" aria-label={t('command.more', { number })}>
              <Ellipsis size={16} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Ban size={14} aria-hidden />} onClick={() => setAsked('block')}>
              {t('command.block')}
            </Menu.Item>
            <Menu.Item leftSection={<Check size={14} aria-hidden />} onClick={() => complete.mutate({ jobId: id })}>
              {t('command.complete')}
            </Menu.Item>
            <Menu.Item leftSection={<X size={14} aria-hidden />} onClick={() => setAsked('cancel')}>
              {t('command.cancel')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {error && (
        <p role="alert" className={css.refused}>
          {why}
        </p>
      )}
      {asked === 'edit' && <EditJob job={job} close={() => setAsked(undefined)} />}
      {asked === 'block' && <Block job={job} close={() => setAsked(undefined)} />}
      {(asked === 'hold' || asked === 'cancel' || asked === 'reopen') && (
        <Because job={job} what={asked} close={() => setAsked(undefined)} />
      )}
    </div>
  );
}

const DONE = { hold: 'done.held', cancel: 'done.cancelled', reopen: 'done.reopened' } as const;

/** What needs a reason and nothing else. */
function Because({ job: { id, number, status }, what, close }: { job: Job; what: 'hold' | 'cancel' | 'reopen'; close: () => void }) {
  const { t } = useTranslation('job');
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const back = {
    hold: () => command(ResumeJobDocument, { jobId: id }),
    cancel: () => command(ReopenJobDocument, { jobId: id, reason: t('done.undoCancel') }),
    reopen: () =>
      status === 'CANCELLED'
        ? command(CancelJobDocument, { jobId: id, reason: t('done.undoReopen') })
        : command(CompleteJobDocument, { jobId: id }),
  };
  const submit = async () => {
    const input = { jobId: id, reason: reason.trim() };
    if (what === 'hold') await command(PauseJobDocument, input);
    else if (what === 'cancel') await command(CancelJobDocument, input);
    else await command(ReopenJobDocument, input);
    void queries.invalidateQueries({ queryKey: ['job', number] });
    sayDone({ said: t(DONE[what], { number }), undo: back[what] });
  };
  return (
    <FormDialog
      title={t(`ask.${what}`, { number })}
      name={t(`command.${what}`)}
      submit={submit}
      close={close}
      fields={['reason']}
      disabled={reason.trim() === ''}
      danger={what === 'cancel'}
    >
      {(fault) => (
        <>
          <p className="muted">{t(`what.${what}`)}</p>
          <Textarea
            label={t('ask.reason')}
            autosize
            minRows={2}
            dir="auto"
            value={reason}
            error={fault('reason')}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
            required
          />
        </>
      )}
    </FormDialog>
  );
}

function Block({ job: { id, number }, close }: { job: Job; close: () => void }) {
  const { t } = useTranslation('job');
  const { mutateAsync } = useCommand(BlockJobDocument, {
    done: () => ({ said: t('done.blocked', { number }), undo: () => command(ResumeJobDocument, { jobId: id }) }),
  });
  return (
    <HindranceDialog
      title={t('ask.block', { number })}
      name={t('command.block')}
      submit={(hindrance) => mutateAsync({ jobId: id, ...hindrance })}
      close={close}
    />
  );
}
