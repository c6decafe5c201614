// What screens that follow live news have in common.
import { useCallback, useEffect, useRef, useState } from 'react';

/** Runs a while after it was called, however often it was called meanwhile: so at most once in that time. */
export function useSeldom(run: () => void, ms = 1_000): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      run();
    }, ms);
  }, [run, ms]);
}

/** The first position that there is: from there on news are followed, later answers come on top of them. */
export function useFirst(position: string | undefined): { after: string } | undefined {
  const [first, setFirst] = useState(position);
  if (first === undefined && position !== undefined) setFirst(position);
  return first === undefined ? undefined : { after: first };
}
