// What has no place in the plan: it is dragged from here onto the board, or sent there by its button.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CalendarCheck, GripVertical } from 'lucide-react';
import type { PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { BoardUnplannedDocument, type BoardUnplannedQuery } from '../../api/generated/board';
import { ask } from '../../api/query';
import { type Bar, HOUR, keyOf } from '../../board/types';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import css from './board.module.css';

type Job = BoardUnplannedQuery['unplanned']['edges'][number]['node'];

export interface TrayProps {
  mayMove: boolean;
  /** Takes hold of it: from here on the board follows the pointer. */
  take: (bar: Bar, event: PointerEvent) => void;
  place: (job: Job, operation: Job['operations'][number]) => void;
  center: string | undefined;
}

/** How long it takes is not known here: an hour is drawn, and Kilter says what it is. */
function strangerOf(job: Job, operation: Job['operations'][number]): Bar {
  return {
    key: keyOf(job.job.id, operation.number),
    lane: '',
    group: operation.workCenter.id,
    job: job.job.id,
    jobCode: job.job.code,
    operation: operation.number,
    name: operation.name,
    start: 0,
    runStart: 0,
    end: HOUR,
    status: 'waiting',
    held: false,
    progress: undefined,
    pinned: false,
    due: job.due == null ? undefined : Date.parse(job.due),
  };
}

export function Tray({ mayMove, take, place, center }: TrayProps) {
  const { t } = useTranslation('board');
  const { data, error, refetch } = useQuery({
    queryKey: ['board', 'beside', 'unplanned'],
    queryFn: ({ signal }) => ask(BoardUnplannedDocument, {}, signal),
  });
  if (error) return <Failure compact error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  const jobs = data.unplanned.edges.map(({ node }) => node);
  const shown = jobs.filter(({ operations }) => center === undefined || operations.some(({ workCenter }) => workCenter.id === center));
  if (shown.length === 0) {
    return (
      <Empty icon={CalendarCheck} title={t('tray.none')}>
        {t('tray.noneWhy')}
      </Empty>
    );
  }
  return (
    <>
      <p className="muted">{t('tray.how', { count: data.unplanned.totalCount })}</p>
      <ul className={css.tray}>
        {shown.map((job) => (
          <li key={job.job.id}>
            <div className={css.trayJob}>
              <strong>{job.job.code}</strong> <span className={css.cut}>{job.job.name}</span>
              {job.due && <When at={job.due} />}
            </div>
            <ul>
              {job.operations
                .filter(({ workCenter }) => center === undefined || workCenter.id === center)
                .map((operation) => (
                  <li
                    key={operation.number}
                    className={css.trayItem}
                    onPointerDown={mayMove ? (event) => take(strangerOf(job, operation), event) : undefined}
                    data-unplanned={`${job.job.code}:${operation.number}`}
                  >
                    <GripVertical size={14} aria-hidden />
                    <span className={css.cut}>
                      {operation.number} {operation.name}
                    </span>
                    <span className="muted">{operation.workCenter.code}</span>
                    {mayMove && (
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        onPointerDown={(event) => event.stopPropagation()}
                        onClick={() => place(job, operation)}
                      >
                        {t('tray.place')}
                      </Button>
                    )}
                  </li>
                ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  );
}
