import { type RefObject, useEffect, useEffectEvent } from 'react';
import { cursorOf, type Follower, follow } from './live';
import { usePast } from './moment';
import type { Document } from './query';

/**
 * Follows a subscription as long as the screen is there; not before there are variables: who asks first says by `after` from where on. What it
 * is given anew each time is used from the next message on. A screen of an earlier moment follows nothing: what was, stays.
 */
export function useLive<Data extends object, Variables extends object>(
  document: Document<Data, Variables>,
  variables: Variables | undefined,
  follower: Follower<Data>,
  /** Where the last message lay: asked anew with other variables, it goes on from there. */
  last?: RefObject<string | undefined>,
): void {
  const next = useEffectEvent((data: Data) => {
    if (last) last.current = cursorOf(data) ?? last.current;
    follower.next(data);
  });
  const failed = useEffectEvent<NonNullable<Follower<Data>['failed']>>((refusal) => follower.failed?.(refusal));
  const restarted = useEffectEvent(() => {
    if (last) last.current = undefined;
    follower.restarted?.();
  });
  const from = useEffectEvent(() => (last?.current === undefined ? undefined : { after: last.current }));
  const past = usePast();
  const asked = past === undefined ? variables && JSON.stringify(variables) : undefined;
  useEffect(() => {
    if (asked === undefined) return undefined;
    const parsed: Variables = JSON.parse(asked);
    return follow(document, { ...parsed, ...from() }, { next, failed, restarted });
  }, [document, asked]);
}
