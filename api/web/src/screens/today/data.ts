// The day's data: asked once, then kept as it is by live messages. What the plan says is asked anew when it has changed, at most once a
// second; the rest is put into its place.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useFollowed, useSeldom } from '../../api/following';
import {
  TodayFloorChangedDocument,
  TodayFloorDocument,
  type TodayFloorQuery,
  TodayJobChangedDocument,
  TodayJobsDocument,
  type TodayJobsQuery,
  TodayPlanChangedDocument,
  TodayPlanDocument,
  TodayTotalsDocument,
} from '../../api/generated/today';
import { askAgain, hear } from '../../api/news';
import { ask } from '../../api/query';
import { useFormat, useManner } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import { startOfDay } from '../../time/zone';
import { withJob, withRows } from './model';

const MINUTE_MS = 60_000;
/** How far ahead the plan is looked at, and how far back the figures go, in days. */
export const AHEAD_DAYS = 14;
export const BACK_DAYS = 14;

const iso = (instant: number) => new Date(instant).toISOString();

export interface Window {
  from: number;
  midnight: number;
  until: number;
}

/** From the last full hour to the end of the day, and two weeks ahead. */
export function useWindow(): Window {
  const { zone } = useManner();
  const hour = useNow(60 * MINUTE_MS);
  return useMemo(() => ({ from: hour, midnight: startOfDay(hour, zone, 1), until: startOfDay(hour, zone, AHEAD_DAYS) }), [hour, zone]);
}

const jobsQuery = queryOptions({ queryKey: ['today', 'jobs'], queryFn: ({ signal }) => ask(TodayJobsDocument, {}, signal) });
const floorQuery = queryOptions({ queryKey: ['today', 'floor'], queryFn: ({ signal }) => ask(TodayFloorDocument, {}, signal) });

/** Late jobs, and how many are in work. */
export function useJobs() {
  const queries = useQueryClient();
  const count = useSeldom(useCallback(() => askAgain(queries, ['today', 'jobs']), [queries]));
  const query = useQuery(jobsQuery);
  useFollowed(TodayJobChangedDocument, {}, query.data?.late.position, {
    restarted: count,
    next: ({ jobChanged: { kind, job } }) => {
      if (kind !== 'CHANGE' || job == null) return;
      hear<TodayJobsQuery>(queries, jobsQuery.queryKey, (known) => {
        const late = withJob(
          known.late.edges.map(({ node }) => node),
          job,
        );
        return {
          ...known,
          late: {
            ...known.late,
            edges: late.map((node) => ({ node })),
            totalCount: known.late.totalCount + late.length - known.late.edges.length,
          },
        };
      });
      count();
    },
  });
  return query;
}

/** Machines and work centers as they are. */
export function useFloor() {
  const queries = useQueryClient();
  const query = useQuery(floorQuery);
  useFollowed(TodayFloorChangedDocument, {}, query.data?.machines.position, {
    restarted: () => askAgain(queries, floorQuery.queryKey),
    next: ({ machineBoardChanged: { kind, machines, workCenters } }) => {
      if (kind === 'HEARTBEAT') return;
      hear<TodayFloorQuery>(queries, floorQuery.queryKey, (known) => {
        const rows = withRows(
          known.machines.edges.map(({ node }) => node),
          machines,
        );
        const centers = withRows(
          known.workCenters.edges.map(({ node }) => node),
          workCenters,
        );
        return {
          machines: { ...known.machines, edges: rows.map((node) => ({ node })) },
          workCenters: { ...known.workCenters, edges: centers.map((node) => ({ node })) },
        };
      });
    },
  });
  return query;
}

/** What is planned today and for two weeks. */
export function usePlan({ from, until }: Window) {
  const queries = useQueryClient();
  const { localDay } = useFormat();
  const variables = { from: iso(from), until: iso(until), today: localDay(from), lastDay: localDay(until) };
  const again = useSeldom(useCallback(() => askAgain(queries, ['today', 'plan']), [queries]));
  const query = useQuery({ queryKey: ['today', 'plan', variables], queryFn: ({ signal }) => ask(TodayPlanDocument, variables, signal) });
  useFollowed(TodayPlanChangedDocument, { from: variables.from, until: variables.until }, query.data?.ahead.position, {
    restarted: again,
    next: ({ boardChanged: { kind } }) => {
      if (kind !== 'HEARTBEAT') again();
    },
  });
  return query;
}

/** How the last two weeks went, day by day. */
export function useTotals({ midnight }: Window) {
  const { zone } = useManner();
  const from = iso(startOfDay(midnight - 1, zone, 1 - BACK_DAYS));
  return useQuery({
    queryKey: ['today', 'totals', from],
    queryFn: ({ signal }) => ask(TodayTotalsDocument, { from }, signal),
    refetchInterval: MINUTE_MS,
  });
}
