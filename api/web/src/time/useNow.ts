import { useCallback, useSyncExternalStore } from 'react';
import { usePast } from '../api/moment';

/** Now, told anew every so often: what counts by minutes need not be drawn each second. On a screen of an earlier moment that is now. */
export function useNow(everyMs = 1_000): number {
  const past = usePast();
  const now = useRealNow(everyMs);
  return past === undefined ? now : Math.floor(past.instant / everyMs) * everyMs;
}

/** The present, also while somebody looks back. */
export function useRealNow(everyMs = 1_000): number {
  const watch = useCallback(
    (tell: () => void) => {
      const timer = setInterval(tell, everyMs);
      return () => clearInterval(timer);
    },
    [everyMs],
  );
  return useSyncExternalStore(watch, () => Math.floor(Date.now() / everyMs) * everyMs);
}
