import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session';
import { localeOf } from '../i18n';
import { amount, day, duration, exactly, localDay, type Manner, precisely, roughly, timeOfDay, when } from './format';

/** How this person reads times and amounts: their language, the zone of their company. */
export function useManner(): Manner {
  const { i18n } = useTranslation();
  const { company } = useSession();
  return useMemo(() => ({ locale: localeOf(i18n.language), zone: company.zone }), [i18n.language, company.zone]);
}

export function useFormat() {
  const manner = useManner();
  return useMemo(
    () => ({
      manner,
      when: (instant: number | Date, now: number) => when(instant, now, manner),
      day: (instant: number | Date, now: number) => day(instant, now, manner),
      timeOfDay: (instant: number | Date) => timeOfDay(instant, manner),
      localDay: (instant: number | Date) => localDay(instant, manner),
      exactly: (instant: number | Date) => exactly(instant, manner),
      precisely: (instant: number | Date) => precisely(instant, manner),
      roughly: (seconds: number) => roughly(seconds, manner.locale),
      amount: (decimal: string | number, places?: number) => amount(decimal, manner.locale, places),
      duration,
    }),
    [manner],
  );
}
