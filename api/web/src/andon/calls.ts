// Calls for help that are open: asked once, then kept by live messages, wherever somebody shows them.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useFollowed } from '../api/following';
import { useBroken } from '../api/freshness';
import { type CallFragment, CallsChangedDocument, OpenCallsDocument, type OpenCallsQuery } from '../api/generated/andon';
import { usePast } from '../api/moment';
import { askAgain, hear } from '../api/news';
import { untilAnswered } from '../api/queries';
import { ask } from '../api/query';
import { withCall } from './model';

const callsQuery = queryOptions({ queryKey: ['andon', 'open'], queryFn: ({ signal }) => ask(OpenCallsDocument, {}, signal) });

/** The open calls as they were told last, or that they could not be had. Who shows them where nothing follows them takes `useLiveCalls`. */
export function useCalls() {
  const past = usePast();
  const query = useQuery({ ...callsQuery, refetchInterval: past === undefined ? untilAnswered() : false });
  // Also while it is tried again: who waits for help is not known, which is not nobody.
  const failure = query.data === undefined ? (query.error ?? query.failureReason) : null;
  return { data: query.data, failure, refetch: query.refetch, isOld: query.data === undefined || query.isError };
}

/** The open calls, followed. */
export function useLiveCalls() {
  const queries = useQueryClient();
  const query = useCalls();
  useBroken(query.isOld);
  useFollowed(CallsChangedDocument, {}, query.data?.andonCalls.position, {
    restarted: () => askAgain(queries, callsQuery.queryKey),
    next: ({ andonChanged: { kind, call } }) => {
      if (kind !== 'CHANGE' || call == null) return;
      hear<OpenCallsQuery>(queries, callsQuery.queryKey, (known) => ({ andonCalls: withCall(known.andonCalls, call) }));
    },
  });
  return query;
}

export const callsOf = (data: OpenCallsQuery | undefined): CallFragment[] => data?.andonCalls.edges.map(({ node }) => node) ?? [];
