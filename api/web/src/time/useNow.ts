import { useCallback, useSyncExternalStore } from 'react';

/** Now, told anew every so often: what counts by minutes need not be drawn each second. */
export function useNow(everyMs = 1_000): number {
  const watch = useCallback(
    (tell: () => void) => {
      const timer = setInterval(tell, everyMs);
      return () => clearInterval(timer);
    },
    [everyMs],
  );
  return useSyncExternalStore(watch, () => Math.floor(Date.now() / everyMs) * everyMs);
}
