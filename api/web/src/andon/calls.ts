// Calls for help that are open: asked once, then kept by live messages, wherever somebody shows them.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useFollowed } from '../api/following';
import { type CallFragment, CallsChangedDocument, OpenCallsDocument, type OpenCallsQuery } from '../api/generated/andon';
import { askAgain, hear } from '../api/news';
import { ask } from '../api/query';
import { withCall } from './model';

const callsQuery = queryOptions({ queryKey: ['andon', 'open'], queryFn: ({ signal }) => ask(OpenCallsDocument, {}, signal) });

/** The open calls as they were told last. Who shows them where nothing follows them takes `useLiveCalls`. */
export function useCalls() {
  return useQuery(callsQuery);
}

/** The open calls, followed. */
export function useLiveCalls() {
  const queries = useQueryClient();
  const query = useCalls();
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
