// An undo that was refused: why, what is in the way, and what makes it possible. Shown over any screen: Undo is there after the board was left.
import { Button, Modal } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BoardUndoPreviewDocument } from '../../api/generated/board';
import { ask, Refusal } from '../../api/query';
import { sayDone } from '../../app/undo';
import form from '../../design/form.module.css';
import { useReason } from '../../design/states';
import { InTheWay } from './InTheWay';
import { ReasonField } from './ReasonField';
import { takeBack, type UndoWish, wayOut } from './undo';
import { useLeft } from './words';

interface UndoDialogProps {
  version: number;
  /** Why it was refused first. */
  error: unknown;
  said: string;
  close: () => void;
}

export default function UndoDialog({ version, error: first, said, close }: UndoDialogProps) {
  const { t } = useTranslation('board');
  const left = useLeft();
  const [{ wish, error, busy }, set] = useState<{ wish: UndoWish; error: unknown; busy: boolean }>({
    wish: { version },
    error: first,
    busy: false,
  });
  const [reason, setReason] = useState('');
  const why = useReason(error);
  const way = wayOut(error);
  const preview = useQuery({
    queryKey: ['board', 'undo', version],
    queryFn: ({ signal }) => ask(BoardUndoPreviewDocument, { version, partly: true }, signal).then(({ undoPreview }) => undoPreview),
    enabled: way === 'partly',
    gcTime: 0,
  });
  const part = preview.data;
  const [refusedPart] = part?.userErrors ?? [];
  const asksReason = way === 'reason' || refusedPart?.code === 'PLAN_REASON_NEEDED';
  const go = () => {
    const next = { ...wish, partly: wish.partly === true || way === 'partly', reason: reason.trim() || undefined };
    set({ wish: next, error, busy: true });
    takeBack(next).then(
      (answer) => {
        close();
        sayDone({ said: left(answer.operations) ?? t('undo.done', { said }) });
      },
      (refused: unknown) => set({ wish: next, error: refused, busy: false }),
    );
  };
  const code = error instanceof Refusal ? error.code : undefined;
  const rule = { PLAN_REASON_NEEDED: t('undo.asks'), PLAN_CONFLICTS: t('undo.policy'), PLAN_CHANGED: t('undo.moved') };
  const goesBack =
    way === 'partly' ? part !== undefined && part.moves.length > 0 && refusedPart?.code !== 'PLAN_CONFLICTS' : way === 'reason';
  return (
    <Modal
      opened
      onClose={close}
      title={t('undo.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
      transitionProps={{ duration: 120 }}
    >
      <div className={form.form}>
        <p>{rule[code as keyof typeof rule] ?? why}</p>
        {error instanceof Refusal && <InTheWay of={error.inTheWay} />}
        {part && (
          <p role="status">
            {part.moves.length > 0 ? t('undo.part', { back: part.moves.length, stay: part.stays.length }) : t('undo.nothing')}
          </p>
        )}
        {part && part.conflicts.length > 0 && (
          <>
            <p>{rule[refusedPart?.code as keyof typeof rule] ?? t('undo.then')}</p>
            <InTheWay of={{ operations: [], conflicts: part.conflicts }} />
          </>
        )}
        {asksReason && <ReasonField value={reason} set={setReason} />}
        <div className={form.buttons}>
          <Button variant="default" onClick={close}>
            {t('undo.leave')}
          </Button>
          {goesBack && (
            <Button onClick={go} loading={busy} disabled={asksReason && reason.trim() === ''}>
              {way === 'partly' ? t('undo.partly') : t('undo.anyway')}
            </Button>
          )}
        </div>
      </div>
    </Modal>
  );
}
