// Puts the screen at the moment that the address names: what it asks, what its clocks show, and that nothing can be changed.
import { keepPreviousData, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { type Moment, momentOf } from '../api/as-of';
import { MomentDocument } from '../api/generated/api';
import { type Past, PastContext, setLookingBack } from '../api/moment';
import { isWaiting, pastClient, waitMs } from '../api/past-client';
import { queries } from '../api/queries';
import { askMoment } from '../api/query';

const keyOf = (moment: Moment | undefined) => ['moment', moment] as const;

/** Where the moment lies in history. Its own question, asked of the present: whoever waits for the past has it first. */
export function usePlaced(moment: Moment | undefined) {
  return useQuery(
    {
      queryKey: keyOf(moment),
      queryFn: ({ signal }) => (moment === undefined ? null : askMoment(MomentDocument, moment, signal)),
      enabled: moment !== undefined,
      placeholderData: keepPreviousData,
      staleTime: Number.POSITIVE_INFINITY,
      retry: (tried, error) => isWaiting(error) && tried < 60,
      retryDelay: (_, error) => waitMs(error),
    },
    queries,
  );
}

export function PastProvider({ at, children }: { at: string | number | undefined; children: ReactNode }) {
  const { t } = useTranslation('app');
  const moment = useMemo(() => momentOf(at?.toString()), [at]);
  const client = useMemo(() => (moment === undefined ? queries : pastClient(moment)), [moment]);
  const { data: placed, isPlaceholderData } = usePlaced(moment);
  const past = useMemo((): Past | undefined => {
    if (moment === undefined) return undefined;
    const said = 'instant' in moment ? moment.instant : placed?.instant;
    const position = isPlaceholderData ? undefined : placed?.position;
    return { moment, instant: said == null ? Number.NaN : Date.parse(said), ...(position !== undefined && { position }) };
  }, [moment, placed, isPlaceholderData]);
  const isPast = moment !== undefined;
  const reason = t('past.refused');
  useEffect(() => {
    if (!isPast) return undefined;
    setLookingBack(reason);
    return () => setLookingBack(undefined);
  }, [isPast, reason]);
  return (
    <PastContext value={past}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </PastContext>
  );
}
