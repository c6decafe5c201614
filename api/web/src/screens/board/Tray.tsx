// What has no place in the plan: it is dragged from here onto the board, or sent there by its button.
import { Button } from '@mantine/core';
import { CalendarCheck, GripVertical } from 'lucide-react';
import { type PointerEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Bar, HOUR, keyOf } from '../../board/types';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import css from './board.module.css';
import { inCenter, type Unplanned as Job, useUnplanned } from './useUnplanned';

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
  const query = useUnplanned();
  const { data, error, refetch, hasNextPage } = query;
  if (error && !data) return <Failure compact error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  const read = data.pages.flatMap(({ unplanned }) => unplanned.edges.map(({ node }) => node));
  const total = data.pages.at(-1)?.unplanned.totalCount ?? read.length;
  const shown = inCenter(read, center);
  if (shown.length === 0 && !hasNextPage) {
    return (
      <Empty icon={CalendarCheck} title={center === undefined ? t('tray.none') : t('tray.noneHere')}>
        {t('tray.noneWhy')}
      </Empty>
    );
  }
  return (
    <>
      <p className="muted" role="status">
        {center === undefined ? t('tray.how', { count: total }) : t('tray.here', { count: shown.length })}
        {hasNextPage && ` ${t('tray.read', { read: read.length, total })}`}
      </p>
      <ul className={css.tray}>
        {shown.map((job) => (
          <li key={job.job.id}>
            <div className={css.trayJob}>
              <strong>{job.job.code}</strong> <span className={css.cut}>{job.job.name}</span>
              {job.due && <When at={job.due} />}
            </div>
            <ul>
              {job.operations.map((operation) => (
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
      {hasNextPage && <More query={query} />}
    </>
  );
}

/** Reads on by itself as long as its end is in sight, and by its button. */
function More({ query }: { query: ReturnType<typeof useUnplanned> }) {
  const { data, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const pages = data?.pages.length;
  const { t } = useTranslation('board');
  const place = useRef<HTMLButtonElement>(null);
  // An observer tells what changes: after each page there is another one, or an end that stays in sight would not be told again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the pages are what it is for
  useEffect(() => {
    const end = place.current;
    if (end === null || isFetchingNextPage || isFetchNextPageError) return undefined;
    const watch = new IntersectionObserver(([seen]) => seen?.isIntersecting && void fetchNextPage(), { rootMargin: '200px' });
    watch.observe(end);
    return () => watch.disconnect();
  }, [pages, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  return (
    <Button ref={place} size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
      {isFetchNextPageError ? t('tray.again') : t('tray.more')}
    </Button>
  );
}
