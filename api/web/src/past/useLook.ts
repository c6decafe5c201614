import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { atOf, type Moment } from '../api/as-of';

/** From when on looking back begins: what is under way a minute later has come to an end. */
const BEFORE_MS = 60_000;

/** Goes to another moment on the screen that is there, and back to now. */
export function useLook() {
  const navigate = useNavigate();
  const look = useCallback(
    (moment: Moment | undefined, replace = true) =>
      void navigate({
        to: '.',
        // Said even where there is none: else it would stay, as from screen to screen.
        search: (search) => ({ ...search, at: moment && atOf(moment) }),
        replace,
        resetScroll: false,
      }),
    [navigate],
  );
  return {
    look,
    lookBack: useCallback(() => look({ instant: new Date(Date.now() - BEFORE_MS).toISOString() }, false), [look]),
    backToNow: useCallback(() => look(undefined, false), [look]),
  };
}
