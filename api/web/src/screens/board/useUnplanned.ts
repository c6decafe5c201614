// What has no place in the plan: how many jobs that are, and the jobs themselves by pages.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useSeldom } from '../../api/following';
import { BoardUnplannedCountDocument, BoardUnplannedDocument, type BoardUnplannedQuery } from '../../api/generated/board';
import { askAgain } from '../../api/news';
import { ask } from '../../api/query';

export type Unplanned = BoardUnplannedQuery['unplanned']['edges'][number]['node'];
export const UNPLANNED = ['board', 'unplanned'];

/** So many pages are asked for anew with each piece of news; who has read on further waits longer. */
const SHORT_PAGES = 3;
const [SOON_MS, LATER_MS] = [1_000, 15_000];

export const useUnplannedCount = (): number | undefined =>
  useQuery({
    queryKey: ['board', 'beside', 'unplanned'],
    queryFn: ({ signal }) => ask(BoardUnplannedCountDocument, {}, signal),
  }).data?.unplanned.totalCount;

export function useUnplanned() {
  return useInfiniteQuery({
    queryKey: UNPLANNED,
    queryFn: ({ pageParam, signal }) => ask(BoardUnplannedDocument, { after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ unplanned: { pageInfo } }) => (pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined),
    // Who opens it again begins with the first page.
    gcTime: 0,
  });
}

/** Jobs with those of their operations that are for a work center; all where none is chosen. */
export function inCenter(jobs: readonly Unplanned[], center: string | undefined): Unplanned[] {
  if (center === undefined) return [...jobs];
  return jobs.flatMap((job) => {
    const operations = job.operations.filter(({ workCenter }) => workCenter.id === center);
    return operations.length > 0 ? [{ ...job, operations }] : [];
  });
}

/** Asks for the tray anew after news. */
export function useTrayAgain(): () => void {
  const queries = useQueryClient();
  const again = useCallback(() => askAgain(queries, UNPLANNED), [queries]);
  const [soon, later] = [useSeldom(again, SOON_MS), useSeldom(again, LATER_MS)];
  return () => {
    const pages = queries.getQueryData<{ pages: unknown[] }>(UNPLANNED)?.pages.length ?? 0;
    if (pages > SHORT_PAGES) later();
    else soon();
  };
}
