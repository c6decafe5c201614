// How the plan came to be as it is: what people changed, the last first, each to be taken back. The line at the foot of the screen goes after
// a while; this stays.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BoardChangesDocument, type BoardChangesQuery } from '../../api/generated/board';
import { ask } from '../../api/query';
import { useKeys } from '../../app/keys';
import { useDoneLine } from '../../app/undo';
import { Empty, Failure, SkeletonRows, useReason } from '../../design/states';
import { When } from '../../design/values';
import css from './board.module.css';
import { wayOut } from './undo';
import type { Moves } from './useMoves';

const UndoDialog = lazy(() => import('./UndoDialog'));

type Change = BoardChangesQuery['planChanges'][number];

const KINDS = { 'plan.moved': 'MOVED', 'plan.taken_out': 'TAKEN_OUT', 'plan.published': 'PUBLISHED' } as const;

export function Changes({ moves, mayMove }: { moves: Moves; mayMove: boolean }) {
  const { t } = useTranslation('board');
  const { data, error, refetch } = useQuery({
    queryKey: ['board', 'beside', 'changes'],
    queryFn: ({ signal }) => ask(BoardChangesDocument, {}, signal).then(({ planChanges }) => planChanges),
  });
  if (error && data === undefined) return <Failure compact error={error} retry={() => void refetch()} />;
  if (data === undefined) return <SkeletonRows rows={6} height={40} />;
  if (data.length === 0) {
    return (
      <Empty icon={History} title={t('changes.none')}>
        {t('changes.noneWhy')}
      </Empty>
    );
  }
  return (
    <>
      <p className="muted">{t('changes.what')}</p>
      <ol className={css.changes}>
        {data.map((change) => (
          <Row key={change.version} change={change} moves={moves} mayMove={mayMove} />
        ))}
      </ol>
    </>
  );
}

function Row({ change, moves, mayMove }: { change: Change; moves: Moves; mayMove: boolean }) {
  const { t } = useTranslation('board');
  const { version, movedCount, reason, activity } = change;
  const [state, setState] = useState<'said' | 'undoing' | { error: unknown }>('said');
  const error = typeof state === 'object' ? state.error : undefined;
  const why = useReason(error);
  const kind = KINDS[activity.eventType as keyof typeof KINDS] ?? 'OTHER';
  const said = t(`changes.${kind}`, { count: movedCount });
  const run = () => {
    setState('undoing');
    moves.takeBack(version, said).then(
      () => setState('said'),
      (refused: unknown) => setState({ error: refused }),
    );
  };
  const close = () => setState('said');
  return (
    <li>
      <div className={css.change}>
        <span>{said}</span>
        {mayMove && (
          <Button size="compact-xs" variant="default" loading={state === 'undoing'} aria-label={t('changes.undo', { said })} onClick={run}>
            {t('changes.back')}
          </Button>
        )}
      </div>
      {movedCount === 1 && (
        <p lang="en" dir="auto">
          {activity.sentence}
        </p>
      )}
      {reason && <p dir="auto">{reason}</p>}
      <p className="muted">
        <When at={activity.recordedAt} /> · {activity.actor.name ?? '–'}
      </p>
      {error !== undefined &&
        (wayOut(error) === undefined ? (
          <p role="alert">{why}</p>
        ) : (
          <Suspense>
            <UndoDialog version={version} error={error} said={said} close={close} />
          </Suspense>
        ))}
    </li>
  );
}

/** Ctrl+Z after the line has gone: nothing is taken back unseen, what could be is shown. */
export function LastChanges({ show }: { show: () => void }) {
  const { t } = useTranslation('board');
  const line = useDoneLine();
  useKeys(line?.undo ? [] : [{ keys: 'mod+z', does: t('changes.title'), run: show, notTyping: true }]);
  return null;
}
