// What was done, by whom, when: the newest first, and live. Each line leads to the thing, and to the shop as it was then.
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActivityDocument, type ActivityFilter, ActivityNewsDocument } from '../../api/generated/activity';
import { hear } from '../../api/news';
import { ask } from '../../api/query';
import { useLive } from '../../api/useLive';
import { Page } from '../../design/Page';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './activity.module.css';
import { Filters } from './Filters';
import { type ActivitySearch, byDay, filterOf, type Pages, withNews } from './model';
import { Row } from './Row';
import { activity as route } from './route';

const keyOf = (filter: ActivityFilter) => ['activity', filter];

function useLog(filter: ActivityFilter) {
  const queries = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: keyOf(filter),
    queryFn: ({ pageParam, signal }) => ask(ActivityDocument, { filter, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ activityLog: { pageInfo } }) => (pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const position = query.data?.pages[0]?.activityLog.position;
  const [news, setNews] = useState(0);
  // Of this filter, from where it was read on.
  const [first, setFirst] = useState<{ filter: ActivityFilter; after: string }>();
  if (position !== undefined && first?.filter !== filter) {
    setFirst({ filter, after: position });
    setNews(0);
  }
  useLive(ActivityNewsDocument, first?.filter === filter ? first : undefined, {
    restarted: () => void query.refetch(),
    next: ({ activityAppended: { kind, entry } }) => {
      if (kind !== 'CHANGE' || entry == null) return;
      hear<Pages>(queries, keyOf(filter), (known) => withNews(known, entry));
      setNews((count) => count + 1);
    },
  });
  return { query, news };
}

export default function Activity() {
  const { t } = useTranslation('activity');
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/activity' });
  const format = useFormat();
  const now = useNow(60_000);
  const { zone } = format.manner;
  const { who, kind, thing, from, until } = search;
  const filter = useMemo(() => filterOf({ who, kind, thing, from, until }, zone), [who, kind, thing, from, until, zone]);
  const { query, news } = useLog(filter);
  const set = (change: Partial<ActivitySearch>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const rows = useMemo(() => query.data?.pages.flatMap(({ activityLog }) => activityLog.edges.map(({ node }) => node)) ?? [], [query.data]);
  const days = useMemo(() => byDay(rows, format.localDay), [rows, format]);
  const dayName = (day: string) => {
    const instant = Date.parse(`${day}T12:00:00Z`);
    if (day === format.localDay(now)) return t('today');
    if (day === format.localDay(now - 86_400_000)) return t('yesterday');
    return new Intl.DateTimeFormat(format.manner.locale, {
      timeZone: 'UTC',
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
    }).format(instant);
  };
  const isFiltered = [who, kind, thing, from, until].some((one) => one !== undefined);
  return (
    <Page title={t('title')}>
      <Filters search={search} set={set} />
      <p role="status" className="visually-hidden">
        {news > 0 && t('news', { count: news })}
      </p>
      {query.error && query.data === undefined ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={14} height={44} />
      ) : rows.length === 0 ? (
        <Empty
          icon={ScrollText}
          title={isFiltered ? t('noneFits') : t('none')}
          action={
            isFiltered && (
              <Button variant="default" size="xs" onClick={() => void navigate({ search: {} })}>
                {t('showAll')}
              </Button>
            )
          }
        >
          {isFiltered ? t('noneFitsWhy') : t('noneWhy')}
        </Empty>
      ) : (
        <>
          {days.map(({ day, rows: some }) => (
            <section key={`${day} ${some.at(-1)?.position}`} className={css.day} aria-label={dayName(day)}>
              <h2>{dayName(day)}</h2>
              <ol>
                {some.map((row) => (
                  <Row key={row.position} row={row} only={set} />
                ))}
              </ol>
            </section>
          ))}
          <More query={query} />
        </>
      )}
    </Page>
  );
}

/** Goes on by itself when its end is near, and by its button. */
function More({ query }: { query: ReturnType<typeof useLog>['query'] }) {
  const { t } = useTranslation('activity');
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = query;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const end = place.current;
    if (end === null || !hasNextPage || isFetchingNextPage || isFetchNextPageError) return undefined;
    const watch = new IntersectionObserver(([seen]) => seen?.isIntersecting && void fetchNextPage(), { rootMargin: '400px' });
    watch.observe(end);
    return () => watch.disconnect();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  return (
    <div ref={place} className={css.more}>
      {hasNextPage ? (
        <Button variant="default" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchNextPageError ? t('again') : t('more')}
        </Button>
      ) : (
        <span className="muted">{t('end')}</span>
      )}
    </div>
  );
}
