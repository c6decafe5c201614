import { ActionIcon, Button } from '@mantine/core';
import { Plus, Trash2, Upload } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../api/command';
import { ClearCalendarDaysDocument } from '../../api/generated/calendars';
import { Refusal } from '../../api/query';
import { FieldsDialog } from '../../app/FieldsDialog';
import { Panel } from '../../design/Panel';
import { useReason } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import css from './calendars.module.css';
import { CALENDARS, type Calendar } from './data';
import { readHours, type SpecialDay } from './days';
import { ImportDialog } from './ImportDialog';
import { backTo, useSetDays } from './useSetDays';

export function useDayName(): (date: string) => string {
  const { manner } = useFormat();
  const format = new Intl.DateTimeFormat(manner.locale, {
    timeZone: 'UTC',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  return (date) => format.format(Date.parse(`${date}T00:00:00Z`));
}

/** Holidays, and Saturdays that are not. */
export function DaysPanel({ calendar, mayChange }: { calendar: Calendar; mayChange: boolean }) {
  const { t } = useTranslation('calendars');
  const dayName = useDayName();
  const [asked, setAsked] = useState<'add' | 'import' | SpecialDay>();
  const close = () => setAsked(undefined);
  const clear = useCommand(ClearCalendarDaysDocument, {
    changes: CALENDARS,
    done: (_, { dates }) => ({ said: t('done.cleared', { count: dates.length }), undo: () => backTo(calendar, dates) }),
  });
  const reason = useReason(clear.error ?? undefined);
  return (
    <Panel title={t('days.title')} aside={t('days.what')}>
      {calendar.days.length === 0 && <p className="muted">{t('days.none')}</p>}
      <ul className={css.specials}>
        {calendar.days.map((day) => (
          <li key={day.date}>
            <span className={css.date}>{dayName(day.date)}</span>
            <span dir="auto">{day.name ?? '–'}</span>
            <span className="muted">
              {day.open.length === 0 ? t('days.closed') : day.open.map(({ from, to }) => `${from}–${to}`).join(', ')}
            </span>
            {mayChange && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={t('days.clear', { day: dayName(day.date) })}
                title={t('days.clear', { day: dayName(day.date) })}
                onClick={() => clear.mutate({ calendarCode: calendar.code, dates: [day.date] })}
              >
                <Trash2 size={14} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {clear.error && (
        <p role="alert" className={css.fault}>
          {reason}
        </p>
      )}
      {mayChange && (
        <div className={css.buttons}>
          <Button size="compact-sm" variant="default" leftSection={<Plus size={14} aria-hidden />} onClick={() => setAsked('add')}>
            {t('days.add')}
          </Button>
          <Button size="compact-sm" variant="default" leftSection={<Upload size={14} aria-hidden />} onClick={() => setAsked('import')}>
            {t('days.import')}
          </Button>
        </div>
      )}
      {asked === 'add' && <DayDialog calendar={calendar} close={close} />}
      {asked === 'import' && <ImportDialog calendar={calendar} close={close} />}
    </Panel>
  );
}

function DayDialog({ calendar, close }: { calendar: Calendar; close: () => void }) {
  const { t } = useTranslation('calendars');
  const { mutateAsync } = useSetDays(calendar);
  return (
    <FieldsDialog
      title={t('days.add')}
      name={t('days.add')}
      fields={[
        { name: 'date', label: t('days.date'), type: 'date', required: true },
        { name: 'name', label: t('days.name') },
        { name: 'open', label: t('days.open'), description: t('days.openWhat'), refusedAs: 'days' },
      ]}
      submit={({ date, name, open }) => {
        const hours = readHours(open);
        if (hours === undefined) return Promise.reject(new Refusal('FAULTY', t('read.hours'), 'days'));
        return mutateAsync({ calendarCode: calendar.code, days: [{ date, open: hours, ...(name.trim() && { name: name.trim() }) }] });
      }}
      close={close}
    />
  );
}
