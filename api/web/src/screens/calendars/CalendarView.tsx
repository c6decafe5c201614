import { Button } from '@mantine/core';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import {
  RenameCalendarDocument,
  RetireCalendarDocument,
  SetCalendarShiftsDocument,
  SetCalendarZoneDocument,
} from '../../api/generated/calendars';
import { Refusal } from '../../api/query';
import { useMay } from '../../api/session';
import { FieldsDialog } from '../../app/FieldsDialog';
import { leavesThing, Unsaved } from '../../app/Unsaved';
import { Panel } from '../../design/Panel';
import { useReason } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import css from './calendars.module.css';
import { DaysPanel } from './DaysPanel';
import { CALENDARS, type Calendar, type Keeper } from './data';
import { KeepersPanel } from './KeepersPanel';
import { WeekEditor } from './WeekEditor';
import { faultsOf, isSameWeek, shiftInputs, type WeekShift, weekOf, workOf } from './week';

export function CalendarView({ calendar, keepers }: { calendar: Calendar; keepers: readonly Keeper[] }) {
  const { t } = useTranslation('calendars');
  const { manner } = useFormat();
  const mayChange = useMay()('MANAGE_CALENDARS');
  const [asked, setAsked] = useState<'rename' | 'zone' | 'retire'>();
  const close = () => setAsked(undefined);
  return (
    <div className={css.calendar}>
      <header className={css.head}>
        <h2>
          {calendar.name} <span className="muted">{calendar.code}</span>
        </h2>
        <span className="muted">{t('zoneOf', { zone: calendar.zone ?? manner.zone })}</span>
        {mayChange && (
          <div className={css.buttons}>
            <Button size="compact-sm" variant="default" leftSection={<Pencil size={14} aria-hidden />} onClick={() => setAsked('rename')}>
              {t('rename')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setAsked('zone')}>
              {t('zone')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setAsked('retire')}>
              {t('retire')}
            </Button>
          </div>
        )}
      </header>
      <WeekPanel calendar={calendar} mayChange={mayChange} />
      <DaysPanel calendar={calendar} mayChange={mayChange} />
      <KeepersPanel calendar={calendar} keepers={keepers} />
      {asked && <HeadDialog what={asked} calendar={calendar} close={close} />}
    </div>
  );
}

/** The week as it is, and as it is being changed: nothing is done before it is saved. */
function WeekPanel({ calendar, mayChange }: { calendar: Calendar; mayChange: boolean }) {
  const { t } = useTranslation('calendars');
  const { duration } = useFormat();
  const [changed, setChanged] = useState<{ week: WeekShift[]; revision: string }>();
  const now = weekOf(calendar.shifts);
  const week = changed?.week ?? now;
  const isChanged = changed !== undefined && !isSameWeek(week, now);
  const isOvertaken = isChanged && changed.revision !== calendar.revision;
  const { code } = calendar;
  const save = useCommand(SetCalendarShiftsDocument, {
    changes: CALENDARS,
    done: ({ revision }) => ({
      said: t('done.week', { name: calendar.name }),
      undo: () => command(SetCalendarShiftsDocument, { calendarCode: code, shifts: shiftInputs(now), expectedRevision: revision }),
    }),
  });
  const reason = useReason(save.error ?? undefined);
  const isConflict = save.error instanceof Refusal && save.error.code === 'CONFLICT';
  const faults = new Set(faultsOf(week).values());
  return (
    <Panel title={t('week.title')} aside={t('perWeek', { time: duration(workOf(week) * 60) })}>
      <WeekEditor
        week={week}
        change={mayChange ? (next) => setChanged((before) => ({ week: next, revision: before?.revision ?? calendar.revision })) : undefined}
      />
      <Unsaved is={isChanged} leaves={leavesThing} />
      <div role="status">
        {[...faults].map((fault) => (
          <p key={fault} className={css.fault}>
            {t(`fault.${fault}`)}
          </p>
        ))}
        {(isOvertaken || isConflict) && <p className={css.fault}>{t('week.overtaken')}</p>}
      </div>
      {save.error && !isConflict && (
        <p role="alert" className={css.fault}>
          {reason}
        </p>
      )}
      {isChanged && (
        <div className={css.buttons}>
          <Button
            variant="default"
            onClick={() => {
              setChanged(undefined);
              save.reset();
            }}
          >
            {t('week.discard')}
          </Button>
          <Button
            loading={save.isPending}
            onClick={() => {
              const expectedRevision = isOvertaken || isConflict ? calendar.revision : changed.revision;
              save.mutate({ calendarCode: code, shifts: shiftInputs(week), expectedRevision }, { onSuccess: () => setChanged(undefined) });
            }}
          >
            {isOvertaken || isConflict ? t('week.saveAnyway') : t('week.save')}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function HeadDialog({ what, calendar, close }: { what: 'rename' | 'zone' | 'retire'; calendar: Calendar; close: () => void }) {
  const { t } = useTranslation('calendars');
  const { code, name, zone } = calendar;
  const rename = useCommand(RenameCalendarDocument, {
    changes: CALENDARS,
    done: (_, input) => ({
      said: t('done.renamed', { name: input.name }),
      undo: () => command(RenameCalendarDocument, { calendarCode: code, name }),
    }),
  });
  const setZone = useCommand(SetCalendarZoneDocument, {
    changes: CALENDARS,
    done: () => ({ said: t('done.zone', { name }), undo: () => command(SetCalendarZoneDocument, { calendarCode: code, zone }) }),
  });
  const retire = useCommand(RetireCalendarDocument, { changes: CALENDARS, done: () => ({ said: t('done.retired', { name }) }) });
  if (what === 'rename') {
    return (
      <FieldsDialog
        title={t('rename')}
        name={t('rename')}
        fields={[{ name: 'name', label: t('name'), required: true, initial: name }]}
        submit={(values) => rename.mutateAsync({ calendarCode: code, name: values.name.trim() })}
        close={close}
      />
    );
  }
  if (what === 'zone') {
    return (
      <FieldsDialog
        title={t('zone')}
        name={t('save')}
        fields={[{ name: 'zone', label: t('zone'), initial: zone ?? '', description: t('zoneWhat') }]}
        submit={(values) => setZone.mutateAsync({ calendarCode: code, zone: values.zone.trim() || undefined })}
        close={close}
      />
    );
  }
  return (
    <FieldsDialog
      title={t('retireTitle', { name })}
      name={t('retire')}
      danger
      fields={[{ name: 'reason', label: t('reason'), type: 'lines', required: true }]}
      submit={(values) => retire.mutateAsync({ calendarCode: code, reason: values.reason.trim() })}
      close={close}
    >
      <p className="muted">{t('retireWhat')}</p>
    </FieldsDialog>
  );
}
