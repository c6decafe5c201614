// Pages of jobs, kept as they are by live messages; what changes which jobs are in the list is asked anew, now and then. Who has
// gone far down is told instead: nothing moves under their hands.
import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useFollowed, useSeldom } from '../../api/following';
import {
  JobsChangedDocument,
  JobsCountsDocument,
  JobsPageDocument,
  type JobsPageQuery,
  type ListedJobFragment,
} from '../../api/generated/jobs';
import { askAgain, hear } from '../../api/news';
import { ask } from '../../api/query';
import { fromDay } from '../../time/field';
import { useManner } from '../../time/useFormat';
import { filterOf, type JobsSearch, movesList, sortOf } from './model';

export type ListedJob = ListedJobFragment;
type Pages = InfiniteData<JobsPageQuery, string | undefined>;

/** What follows from news is asked anew at most this often. */
const SELDOM_MS = 400;
/** So many pages are asked for again by themselves. */
const AGAIN_PAGES = 3;

const after = ({ jobs }: JobsPageQuery): string | undefined =>
  jobs.pageInfo.hasNextPage ? (jobs.pageInfo.endCursor ?? undefined) : undefined;

/** Pages with a job in its place. */
export function patched(pages: Pages, job: ListedJob): Pages {
  const inPage = (page: JobsPageQuery): JobsPageQuery => {
    if (!page.jobs.edges.some(({ node }) => node.id === job.id)) return page;
    const edges = page.jobs.edges.map((edge) => (edge.node.id === job.id ? { ...edge, node: job } : edge));
    return { ...page, jobs: { ...page.jobs, edges } };
  };
  return { ...pages, pages: pages.pages.map(inPage) };
}

export function useJobs(search: JobsSearch) {
  const { zone } = useManner();
  const queries = useQueryClient();
  const [filter, sort] = [filterOf(search, (day) => fromDay(day, zone, 1)), sortOf(search)];
  const queryKey = ['jobs', 'list', filter, sort];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask(JobsPageDocument, { after: pageParam, filter, sort }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: after,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const [moved, setMoved] = useState<Set<string>>(() => new Set());
  const asked = JSON.stringify([filter, sort]);
  const [movedOf, setMovedOf] = useState(asked);
  if (movedOf !== asked) {
    setMovedOf(asked);
    setMoved(new Set());
  }
  const pages = query.data?.pages;
  const isShort = (pages?.length ?? 0) <= AGAIN_PAGES;
  const again = useCallback(() => {
    setMoved(new Set());
    askAgain(queries, ['jobs', 'list']);
  }, [queries]);
  const counts = useSeldom(
    useCallback(() => askAgain(queries, ['jobs', 'counts']), [queries]),
    SELDOM_MS,
  );
  const seldom = useSeldom(again, SELDOM_MS);

  useFollowed(JobsChangedDocument, {}, pages?.[0]?.jobs.position, {
    restarted: again,
    next: ({ jobChanged: { kind, job } }) => {
      if (kind !== 'CHANGE' || job == null) return;
      const known = queries.getQueryData<Pages>(queryKey);
      const before = known?.pages.flatMap(({ jobs }) => jobs.edges).find(({ node }) => node.id === job.id)?.node;
      hear<Pages>(queries, queryKey, (all) => patched(all, job));
      counts();
      if (!movesList(search.show ?? 'open', before, job)) return;
      if (isShort) seldom();
      else setMoved((all) => new Set(all).add(job.id));
    },
  });

  const rows = useMemo(() => pages?.flatMap(({ jobs }) => jobs.edges.map(({ node }) => node)) ?? [], [pages]);
  return { query, rows, total: pages?.at(-1)?.jobs.totalCount ?? 0, moved: moved.size, again };
}

/** How many there are of each kind. */
export const useCounts = () =>
  useQuery({ queryKey: ['jobs', 'counts'], queryFn: ({ signal }) => ask(JobsCountsDocument, {}, signal), staleTime: 60_000 }).data;
