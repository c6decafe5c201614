import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { PastBeginningDocument, PastDensityDocument, type PastDensityQuery } from '../api/generated/past';
import { queries } from '../api/queries';
import { ask } from '../api/query';
import { useRoleMay } from '../api/session';
import { BUCKETS, type Line } from './model';

export type Mark = PastDensityQuery['activityDensity']['marks'][number];

/** How much happened when, of all that is known now: also of what came after the moment that is looked at. */
export function useDensity(line: Line, now: number) {
  const may = useRoleMay();
  const variables = { from: new Date(line.from).toISOString(), until: new Date(line.until).toISOString(), buckets: BUCKETS };
  return useQuery(
    {
      queryKey: ['density', variables],
      queryFn: ({ signal }) => ask(PastDensityDocument, variables, signal),
      enabled: may('VIEW_ACTIVITY'),
      placeholderData: keepPreviousData,
      staleTime: 60_000,
      refetchInterval: line.until >= now ? 60_000 : false,
    },
    queries,
  );
}

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
