import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { PastBeginningDocument, PastDensityDocument, type PastDensityQuery } from '../api/generated/past';
import { isWaiting, waitMs } from '../api/past-client';
import { queries } from '../api/queries';
import { ask } from '../api/query';
import { useRoleMay } from '../api/session';
import { BUCKETS, type Line, type Standing } from './model';
import { nearest } from './nearest';

export type Mark = PastDensityQuery['activityDensity']['marks'][number];

const densityOf = ({ from, until }: Line, buckets: number) => {
  const variables = { from: new Date(from).toISOString(), until: new Date(until).toISOString(), buckets };
  return queryOptions({
    queryKey: ['density', variables],
    queryFn: ({ signal }) => ask(PastDensityDocument, variables, signal),
    staleTime: 60_000,
    retry: (tried, error) => isWaiting(error) && tried < 3,
    retryDelay: (_, error) => waitMs(error),
  });
};

/** How much happened when, of all that is known now: also of what came after the moment that is looked at. */
export function useDensity(line: Line, now: number) {
  const may = useRoleMay();
  return useQuery(
    {
      ...densityOf(line, BUCKETS),
      enabled: may('VIEW_ACTIVITY'),
      placeholderData: keepPreviousData,
      refetchInterval: line.until >= now ? 60_000 : false,
    },
    queries,
  );
}

/** The mark next to where one stands, in what is seen or beyond: what is not known yet is waited for. */
export const nextMark = (line: Line, from: Standing, direction: 1 | -1): Promise<Mark | undefined> =>
  nearest(
    async (window) => (await queries.fetchQuery(densityOf(window, window === line ? BUCKETS : 1))).activityDensity,
    line,
    from,
    direction,
  );

/** When Kilter was told the first thing: before that nothing is known. */
export function useBeginning(): number | undefined {
  const may = useRoleMay();
  const { data } = useQuery(
    {
      queryKey: ['density', 'beginning'],
      queryFn: ({ signal }) => ask(PastBeginningDocument, {}, signal),
      enabled: may('VIEW_ACTIVITY'),
      staleTime: Number.POSITIVE_INFINITY,
    },
    queries,
  );
  const first = data?.activityLog.edges[0]?.node.recordedAt;
  return first === undefined ? undefined : Date.parse(first);
}
