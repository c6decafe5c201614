import { useEffect, useEffectEvent } from 'react';
import { type Follower, follow } from './live';
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
): void {
  const next = useEffectEvent((data: Data) => follower.next(data));
  const failed = useEffectEvent<NonNullable<Follower<Data>['failed']>>((refusal) => follower.failed?.(refusal));
  const restarted = useEffectEvent(() => follower.restarted?.());
  const past = usePast();
  const asked = past === undefined ? variables && JSON.stringify(variables) : undefined;
  useEffect(() => {
    if (asked === undefined) return undefined;
    const parsed: Variables = JSON.parse(asked);
    return follow(document, parsed, { next, failed, restarted });
  }, [document, asked]);
}
