// What screens that follow live news have in common.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Follower } from './live';
import type { Document } from './query';
import { useLive } from './useLive';

/** Runs a while after it was first called, once for all calls meanwhile: so at most once in that time. */
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

/**
 * Follows from the first position that there is: later answers come on top of what was told. Asked anew with other variables, such as the
 * window of the next hour, it goes on where the last message lay.
 */
export function useFollowed<Data extends object, Variables extends object>(
  document: Document<Data, Variables & { after?: string }>,
  variables: Variables | undefined,
  position: string | undefined,
  follower: Follower<Data>,
): void {
  const [first, setFirst] = useState(position);
  if (first === undefined && position !== undefined) setFirst(position);
  const last = useRef<string>(undefined);
  useLive(document, first === undefined || variables === undefined ? undefined : { ...variables, after: first }, follower, last);
}
