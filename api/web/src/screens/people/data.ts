import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useFollowed, useSeldom } from '../../api/following';
import {
  CalendarNamesDocument,
  PeopleChangedDocument,
  PeopleDocument,
  type PeopleQuery,
  SkillNeedsDocument,
} from '../../api/generated/people';
import { askAgain } from '../../api/news';
import { ask } from '../../api/query';
import { useMay } from '../../api/session';
import { useManner } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import { startOfDay } from '../../time/zone';

export type Person = PeopleQuery['operators']['edges'][number]['node'];

export const DAYS = 14;

/** Beginnings of the days that are looked at, and the end of the last one. */
export function useDays(): number[] {
  const { zone } = useManner();
  const hour = useNow(3_600_000);
  return useMemo(() => Array.from({ length: DAYS + 1 }, (_, at) => startOfDay(hour, zone, at)), [hour, zone]);
}

export function usePeople(gone: boolean) {
  const days = useDays();
  const [from, until] = [new Date(days[0] ?? 0).toISOString(), new Date(days.at(-1) ?? 0).toISOString()];
  const queries = useQueryClient();
  const may = useMay();
  const query = useInfiniteQuery({
    queryKey: ['people', gone, from],
    queryFn: ({ pageParam, signal }) => ask(PeopleDocument, { after: pageParam, from, until, gone }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ operators: { pageInfo } }) => (pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined),
  });
  const again = useSeldom(useCallback(() => askAgain(queries, ['people']), [queries]));
  useFollowed(PeopleChangedDocument, may('VIEW_ACTIVITY') ? {} : undefined, query.data?.pages[0]?.operators.position, {
    restarted: again,
    next: ({ activityAppended: { kind } }) => {
      if (kind !== 'HEARTBEAT') again();
    },
  });
  const people = query.data?.pages.flatMap(({ operators }) => operators.edges.map(({ node }) => node));
  return { query, people, days };
}

export const useNeeds = () =>
  useQuery({ queryKey: ['people-needs'], queryFn: ({ signal }) => ask(SkillNeedsDocument, {}, signal), staleTime: 60_000 });

export const useCalendarNames = () =>
  useQuery({ queryKey: ['calendar-names'], queryFn: ({ signal }) => ask(CalendarNamesDocument, {}, signal), staleTime: 60_000 }).data;

/** What changes when somebody's data does. */
export const PEOPLE = [['people'], ['job-choices']] as const;
