import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { SessionDocument, type SessionQuery } from './generated/api';
import { type Action, isLooking, may } from './may';
import { usePast } from './moment';
import { queries } from './queries';
import { ask } from './query';
import { isIn } from './who';

export type Session = SessionQuery;

/** Who is in, and where. Asked once, by the guard of the router. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    for (;;) {
      const session = await ask(SessionDocument, {}, signal);
      if (isIn(session.viewer)) return session;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
});

/** Who is in: within the guard of the router there is always somebody. It is of now, also on a screen of an earlier moment. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery, queries).data;
}

/** Whether who is in may do something: what they may not is not offered. */
export function useRoleMay(): (action: Action) => boolean {
  const { viewer } = useSession();
  return (action) => may(viewer.role, action);
}

/** The same of the screen as it is: on one of an earlier moment there is nothing to be done, only to be looked at. */
export function useMay(): (action: Action) => boolean {
  const [roleMay, past] = [useRoleMay(), usePast()];
  return (action) => roleMay(action) && (past === undefined || isLooking(action));
}

/** Ends the session, here and in all tabs of this browser. */
export { signOut } from './session-state';
