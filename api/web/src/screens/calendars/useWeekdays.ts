import { useMemo } from 'react';
import { useManner } from '../../time/useFormat';

/** Names of the days, Monday first. */
export function useWeekdays(weekday: 'short' | 'long'): string[] {
  const { locale } = useManner();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' });
    // The 5th of January 1970 was a Monday.
    return Array.from({ length: 7 }, (_, at) => format.format(Date.UTC(1970, 0, 5 + at)));
  }, [locale, weekday]);
}
