import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { JobHistoryDocument } from '../../api/generated/job';
import { ask } from '../../api/query';
import { Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import css from './job.module.css';

/** What happened to it, the newest first. The sentences are Kilter's own, in English. */
export function History({ number }: { number: string }) {
  const { t } = useTranslation('job');
  const query = useInfiniteQuery({
    queryKey: ['job-history', number],
    queryFn: ({ pageParam, signal }) => ask(JobHistoryDocument, { number, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ activityLog: { pageInfo } }) => (pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined),
  });
  if (query.error && query.data === undefined) return <Failure compact error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonRows rows={4} height={28} />;
  const entries = query.data.pages.flatMap(({ activityLog }) => activityLog.edges.map(({ node }) => node));
  return (
    <>
      <ol className={css.history}>
        {entries.map(({ eventId, sentence, happenedAt, actor, changes }) => (
          <li key={eventId}>
            <span className={css.happened}>
              <When at={happenedAt} />
            </span>
            <span>
              <span lang="en" dir="auto">
                {sentence}
              </span>
              {actor.name && <span className="muted"> · {actor.name}</span>}
              {changes.some(({ before }) => before !== null) && (
                <ul className={css.changes}>
                  {changes
                    .filter(({ before }) => before !== null)
                    .map(({ field, operation, before, after }) => (
                      <li key={`${operation ?? ''} ${field}`} lang="en">
                        {field}: <del>{short(before)}</del> → <ins>{short(after)}</ins>
                      </li>
                    ))}
                </ul>
              )}
            </span>
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <Button size="compact-sm" variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('history.more')}
        </Button>
      )}
    </>
  );
}

const short = (text: string | null): string => (text === null ? '–' : text.length > 120 ? `${text.slice(0, 120)}…` : text);
