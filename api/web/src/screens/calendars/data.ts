import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useFollowed, useSeldom } from '../../api/following';
import {
  CalendarKeepersDocument,
  type CalendarKeepersQuery,
  CalendarsChangedDocument,
  CalendarsDocument,
  type CalendarsQuery,
} from '../../api/generated/calendars';
import { askAgain } from '../../api/news';
import { ask } from '../../api/query';
import { useMay } from '../../api/session';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';

export type Calendar = CalendarsQuery['calendars']['edges'][number]['node'];

export const CALENDARS = [['calendars'], ['calendar-keepers'], ['calendar-names']] as const;

export function useCalendars() {
  const format = useFormat();
  const from = format.localDay(useNow(3_600_000));
  const queries = useQueryClient();
  const may = useMay();
  const query = useQuery({ queryKey: ['calendars', from], queryFn: ({ signal }) => ask(CalendarsDocument, { from }, signal) });
  const again = useSeldom(
    useCallback(() => {
      for (const queryKey of CALENDARS) askAgain(queries, queryKey);
    }, [queries]),
  );
  useFollowed(CalendarsChangedDocument, may('VIEW_ACTIVITY') ? {} : undefined, query.data?.calendars.position, {
    restarted: again,
    next: ({ activityAppended: { kind } }) => {
      if (kind !== 'HEARTBEAT') again();
    },
  });
  return query;
}

export const useKeepers = () =>
  useQuery({ queryKey: ['calendar-keepers'], queryFn: ({ signal }) => ask(CalendarKeepersDocument, {}, signal) });

export type KeeperKind = 'company' | 'workCenter' | 'machine' | 'operator';

export interface Keeper {
  kind: KeeperKind;
  code: string;
  name: string;
  calendar?: string;
}

/** Everything that can keep to a calendar, and to which of its own it does. */
export function keepersOf({ company, workCenters, machines, operators }: CalendarKeepersQuery, companyName: string): Keeper[] {
  const of = (
    kind: KeeperKind,
    all: { edges: { node: { code: string; name: string | null; calendar: { code: string } | null } }[] },
  ): Keeper[] => all.edges.map(({ node }) => ({ kind, code: node.code, name: node.name ?? node.code, calendar: node.calendar?.code }));
  return [
    { kind: 'company', code: '', name: companyName, calendar: company.calendar?.code },
    ...of('workCenter', workCenters),
    ...of('machine', machines),
    ...of('operator', operators),
  ];
}
