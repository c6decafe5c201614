import { FileInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../app/FormDialog';
import css from './calendars.module.css';
import { useDayName } from './DaysPanel';
import type { Calendar } from './data';
import { readDays } from './days';
import { useSetDays } from './useSetDays';

const MOST = 500;
const SHOWN = 40;

/** Holidays from a file or from what was copied: read here, shown, then taken. */
export function ImportDialog({ calendar, close }: { calendar: Calendar; close: () => void }) {
  const { t } = useTranslation('calendars');
  const dayName = useDayName();
  const [text, setText] = useState('');
  const read = readDays(text);
  const known = new Map(calendar.days.map((day) => [day.date, day]));
  const { mutateAsync } = useSetDays(calendar);
  return (
    <FormDialog
      title={t('days.import')}
      name={t('import.take', { count: read.days.length })}
      submit={() => mutateAsync({ calendarCode: calendar.code, days: read.days })}
      close={close}
      size={640}
      disabled={read.days.length === 0 || read.days.length > MOST}
    >
      <FileInput
        label={t('import.file')}
        description={t('import.fileWhat')}
        accept=".ics,.csv,.txt,text/calendar,text/csv,text/plain"
        clearable
        clearButtonProps={{ 'aria-label': t('import.clear') }}
        onChange={(file) => void file?.text().then(setText)}
      />
      <Textarea
        label={t('import.paste')}
        description={t('import.pasteWhat')}
        placeholder={'2027-01-01; New Year\n2027-12-24; Christmas Eve; 07:00-11:00'}
        autosize
        minRows={4}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        dir="auto"
      />
      <div role="status" className={css.read}>
        {read.faults.length > 0 && (
          <ul className={css.faults}>
            {read.faults.slice(0, SHOWN).map(({ line, text: what, fault }) => (
              <li key={`${line} ${fault} ${what}`}>
                {t('import.line', { line })} {t(`read.${fault}`)} <span className="muted">{what}</span>
              </li>
            ))}
          </ul>
        )}
        {read.days.length > MOST && <p className={css.fault}>{t('import.many', { count: MOST })}</p>}
        {read.days.length > 0 && (
          <ul className={css.specials}>
            {read.days.slice(0, SHOWN).map((day) => (
              <li key={day.date}>
                <span className={css.date}>{dayName(day.date)}</span>
                <span dir="auto">{day.name ?? '–'}</span>
                <span className="muted">
                  {day.open.length === 0 ? t('days.closed') : day.open.map(({ from, to }) => `${from}–${to}`).join(', ')}
                  {known.has(day.date) && ` · ${t('import.replaces')}`}
                </span>
              </li>
            ))}
          </ul>
        )}
        {read.days.length > SHOWN && <p className="muted">{t('import.more', { count: read.days.length - SHOWN })}</p>}
      </div>
    </FormDialog>
  );
}
