import { useQueries } from '@tanstack/react-query';
import { markAsOf } from '../../api/as-of';
import { ReplayPictureDocument } from '../../api/generated/replay';
import { isWaiting, waitMs } from '../../api/past-client';
import { queries } from '../../api/queries';
import { ask } from '../../api/query';

/** The floor at each of these instants. Each is asked once: what was, stays as it was. */
export function usePictures(instants: readonly number[]) {
  return useQueries(
    {
      queries: instants.map((instant) => {
        const moment = { instant: new Date(instant).toISOString() };
        return {
          queryKey: ['picture', moment.instant],
          queryFn: ({ signal }: { signal: AbortSignal }) => {
            markAsOf(signal, moment);
            return ask(ReplayPictureDocument, {}, signal);
          },
          staleTime: Number.POSITIVE_INFINITY,
          retry: (tried: number, error: Error) => isWaiting(error) && tried < 60,
          retryDelay: (_: number, error: Error) => waitMs(error),
        };
      }),
    },
    queries,
  );
}
