import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { CalendarClock, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import { CreateCalendarDocument, RetireCalendarDocument } from '../../api/generated/calendars';
import { useMay, useSession } from '../../api/session';
import { FieldsDialog } from '../../app/FieldsDialog';
import { Page } from '../../design/Page';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { CalendarView } from './CalendarView';
import css from './calendars.module.css';
import { CALENDARS, type Calendar, keepersOf, useCalendars, useKeepers } from './data';
import { shiftInputs, weekOf, workOf } from './week';

/** When machines and people work: weeks of shifts, the days that are otherwise, and who keeps to them. */
export default function Calendars() {
  const { t } = useTranslation('calendars');
  const { calendar: asked } = useSearch({ from: '/guarded/shell/calendars' });
  const { company } = useSession();
  const mayChange = useMay()('MANAGE_CALENDARS');
  const [query, keepers] = [useCalendars(), useKeepers()];
  const [adding, setAdding] = useState(false);
  const all = query.data?.calendars.edges.map(({ node }) => node);
  const everyone = keepers.data ? keepersOf(keepers.data, company.name) : [];
  const chosen = all?.find(({ code }) => code === asked) ?? all?.find(({ code }) => code === everyone[0]?.calendar) ?? all?.[0];
  return (
    <Page
      title={t('title')}
      actions={
        mayChange && (
          <Button size="compact-md" leftSection={<Plus size={16} aria-hidden />} onClick={() => setAdding(true)}>
            {t('add')}
          </Button>
        )
      }
    >
      {query.error && all === undefined ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : all === undefined ? (
        <SkeletonRows rows={12} />
      ) : chosen === undefined ? (
        <Empty icon={CalendarClock} title={t('none')}>
          {t('noneWhy')}
        </Empty>
      ) : (
        <div className={css.screen}>
          <nav aria-label={t('title')}>
            <ul className={css.list}>
              {all.map((calendar) => (
                <li key={calendar.id}>
                  <Entry
                    calendar={calendar}
                    isChosen={calendar.id === chosen.id}
                    keepers={everyone.filter((one) => one.calendar === calendar.code).length}
                  />
                </li>
              ))}
            </ul>
          </nav>
          <CalendarView key={chosen.id} calendar={chosen} keepers={everyone} />
        </div>
      )}
      {adding && <AddDialog like={chosen} close={() => setAdding(false)} />}
    </Page>
  );
}

function Entry({ calendar, isChosen, keepers }: { calendar: Calendar; isChosen: boolean; keepers: number }) {
  const { t } = useTranslation('calendars');
  const { duration } = useFormat();
  return (
    <Link
      to="/calendars"
      search={({ lang }) => ({ lang, calendar: calendar.code })}
      className={css.entry}
      aria-current={isChosen ? 'true' : undefined}
      activeProps={{}}
      resetScroll={false}
    >
      <span>{calendar.name}</span>
      <span className={css.entryNote}>
        {t('perWeek', { time: duration(workOf(weekOf(calendar.shifts)) * 60) })} · {t('keepers', { count: keepers })}
      </span>
    </Link>
  );
}

function AddDialog({ like, close }: { like?: Calendar; close: () => void }) {
  const { t } = useTranslation('calendars');
  const navigate = useNavigate();
  const { mutateAsync } = useCommand(CreateCalendarDocument, {
    changes: CALENDARS,
    done: (_, { code, name }) => ({
      said: t('done.created', { name }),
      undo: () => command(RetireCalendarDocument, { calendarCode: code, reason: t('done.undoCreate') }),
    }),
  });
  const five = [
    {
      days: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'] as const,
      from: '08:00',
      to: '16:30',
      breaks: [{ from: '12:00', to: '12:30' }],
    },
  ];
  return (
    <FieldsDialog
      title={t('add')}
      name={t('add')}
      fields={[
        { name: 'name', label: t('name'), required: true },
        { name: 'code', label: t('code'), required: true, description: t('codeWhat') },
        {
          name: 'like',
          label: t('startFrom'),
          type: 'select',
          options: [{ value: '', label: t('fiveDays') }, ...(like ? [{ value: like.code, label: t('like', { name: like.name }) }] : [])],
        },
      ]}
      submit={async ({ name, code, like: from }) => {
        const shifts = from !== '' && like ? shiftInputs(weekOf(like.shifts)) : five.map((one) => ({ ...one, days: [...one.days] }));
        await mutateAsync({ name: name.trim(), code: code.trim(), shifts });
        void navigate({ to: '/calendars', search: ({ lang }) => ({ lang, calendar: code.trim() }) });
      }}
      close={close}
    />
  );
}
