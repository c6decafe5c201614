import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import { ClearCalendarDaysDocument, SetCalendarDaysDocument } from '../../api/generated/calendars';
import { CALENDARS, type Calendar } from './data';

/** Puts back what was said of these days before, and clears those of which nothing was. */
export async function backTo(calendar: Calendar, dates: readonly string[]): Promise<void> {
  const { code: calendarCode } = calendar;
  const before = calendar.days.filter(({ date }) => dates.includes(date));
  const fresh = dates.filter((date) => !before.some((one) => one.date === date));
  if (before.length > 0) await command(SetCalendarDaysDocument, { calendarCode, days: before.map((one) => ({ ...one })) });
  if (fresh.length > 0) await command(ClearCalendarDaysDocument, { calendarCode, dates: fresh });
}

/** Says of days when they are open; they are as before after Undo. */
export function useSetDays(calendar: Calendar) {
  const { t } = useTranslation('calendars');
  return useCommand(SetCalendarDaysDocument, {
    changes: CALENDARS,
    done: (_, { days }) => ({
      said: t('done.days', { count: days.length }),
      undo: () =>
        backTo(
          calendar,
          days.map(({ date }) => date),
        ),
    }),
  });
}
