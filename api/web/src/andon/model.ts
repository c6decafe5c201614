// Which calls for help are open, and which come first.
import type { CallFragment, OpenCallsQuery } from '../api/generated/andon';

type Calls = OpenCallsQuery['andonCalls'];

/** The open calls after one of them changed. */
export function withCall(calls: Calls, call: CallFragment): Calls {
  const rest = calls.edges.filter(({ node }) => node.id !== call.id);
  const isOpen = call.endedAt == null;
  const was = calls.edges.length - rest.length;
  return {
    ...calls,
    totalCount: calls.totalCount - was + (isOpen ? 1 : 0),
    edges: isOpen ? [...rest, { node: call }] : rest,
  };
}

/** How it stands with a call: nobody has answered in time, nobody has answered yet, somebody takes care of it. */
export type CallState = 'escalated' | 'open' | 'answered';

export const stateOf = ({ answeredAt, escalatedAt }: Pick<CallFragment, 'answeredAt' | 'escalatedAt'>): CallState =>
  answeredAt != null ? 'answered' : escalatedAt != null ? 'escalated' : 'open';

const ORDER: Record<CallState, number> = { escalated: 0, open: 1, answered: 2 };

/** Those that nobody has answered first, each the oldest first. */
export const inOrder = (calls: readonly CallFragment[]): CallFragment[] =>
  [...calls].sort((a, b) => ORDER[stateOf(a)] - ORDER[stateOf(b)] || Date.parse(a.calledAt) - Date.parse(b.calledAt));
