import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import {
  AddAbsenceDocument,
  ReactivateOperatorDocument,
  RemoveAbsenceDocument,
  RenameOperatorDocument,
  SetOperatorCalendarDocument,
} from '../../api/generated/people';
import { useMay, useSession } from '../../api/session';
import { FieldsDialog } from '../../app/FieldsDialog';
import { JobLink } from '../../app/JobLink';
import { Sheet } from '../../app/Sheet';
import { useReason } from '../../design/states';
import { When } from '../../design/values';
import { Feeds } from '../../feeds/Feeds';
import { isolated } from '../../i18n/bidi';
import { PEOPLE, type Person, useCalendarNames } from './data';
import { AbsenceDialog, DeactivateDialog } from './dialogs';
import { FloorWays } from './FloorWays';
import css from './people.module.css';

type Asked = 'rename' | 'deactivate' | 'absence' | Person['absences'][number];

/** All of a person beside the list. */
export function PersonBeside({ person, close }: { person: Person; close: () => void }) {
  const { t } = useTranslation('people');
  const [asked, setAsked] = useState<Asked>();
  const may = useMay();
  const [mayChange, mayPlan] = [may('MANAGE_OPERATORS'), may('PLAN_WORK')];
  const isSelf = useSession().viewer.actorId === person.userId;
  const { id, code, name, active, reason, absences, atWork } = person;
  const back = useCommand(ReactivateOperatorDocument, {
    changes: PEOPLE,
    done: () => ({ said: t('done.reactivated', { name: name ?? code }) }),
  });
  const done = () => setAsked(undefined);
  return (
    <Sheet title={`${isolated(name ?? '')} ${code}`.trim()} close={close}>
      <div className={css.person}>
        {!active && (
          <p>
            {t('gone')}: {reason}
          </p>
        )}
        {mayChange && (
          <div className={css.buttons}>
            {active ? (
              <>
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<Pencil size={14} aria-hidden />}
                  onClick={() => setAsked('rename')}
                >
                  {t('rename.do')}
                </Button>
                <Button size="compact-sm" variant="default" onClick={() => setAsked('deactivate')}>
                  {t('deactivate.do')}
                </Button>
              </>
            ) : (
              <Button size="compact-sm" loading={back.isPending} onClick={() => back.mutate({ operatorCode: code })}>
                {t('reactivate')}
              </Button>
            )}
          </div>
        )}
        {atWork.length > 0 && (
          <p>
            {t('atWork')}{' '}
            {atWork.map(({ job, operation }) => (
              <span key={`${job.code} ${operation}`}>
                <JobLink number={job.code} /> · {operation}{' '}
              </span>
            ))}
          </p>
        )}
        <CalendarChoice person={person} />
        {mayChange && active && <FloorWays person={person} />}
        <section>
          <h3>{t('absence.list')}</h3>
          {absences.length === 0 && <p className="muted">{t('absence.none')}</p>}
          <ul className={css.absences}>
            {absences.map((absence) => (
              <li key={absence.number}>
                <span>
                  <When at={absence.from} /> – <When at={absence.until} />
                  {absence.kind && <span className="muted"> {t(`kind.${absence.kind}`)}</span>}
                </span>
                {mayChange && <AbsenceButtons person={person} absence={absence} edit={() => setAsked(absence)} />}
              </li>
            ))}
          </ul>
          {mayChange && active && (
            <Button size="compact-sm" variant="default" leftSection={<Plus size={14} aria-hidden />} onClick={() => setAsked('absence')}>
              {t('absence.add')}
            </Button>
          )}
        </section>
        {active && (mayPlan || isSelf) && <Feeds of={{ operator: { id, name: name ?? code } }} />}
      </div>
      {asked === 'rename' && <RenameDialog person={person} close={done} />}
      {asked === 'deactivate' && <DeactivateDialog person={person} close={done} />}
      {asked === 'absence' && <AbsenceDialog person={person} close={done} />}
      {typeof asked === 'object' && <AbsenceDialog person={person} absence={asked} close={done} />}
    </Sheet>
  );
}

function AbsenceButtons({ person, absence, edit }: { person: Person; absence: Person['absences'][number]; edit: () => void }) {
  const { t } = useTranslation('people');
  const { code } = person;
  const { number, from, until, kind } = absence;
  const remove = useCommand(RemoveAbsenceDocument, {
    changes: PEOPLE,
    done: () => ({
      said: t('done.absenceRemoved', { name: person.name ?? code }),
      undo: () => command(AddAbsenceDocument, { operatorCode: code, from, until, kind: kind ?? 'AWAY' }),
    }),
  });
  const reason = useReason(remove.error ?? undefined);
  return (
    <span className={css.buttons}>
      {remove.error && <span role="alert">{reason}</span>}
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('absence.change')} title={t('absence.change')} onClick={edit}>
        <Pencil size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={t('absence.remove')}
        title={t('absence.remove')}
        loading={remove.isPending}
        onClick={() => remove.mutate({ operatorCode: code, absence: number })}
      >
        <Trash2 size={14} aria-hidden />
      </ActionIcon>
    </span>
  );
}

function CalendarChoice({ person: { code, name, calendar } }: { person: Person }) {
  const { t } = useTranslation('people');
  const names = useCalendarNames();
  const mayChange = useMay()('MANAGE_CALENDARS');
  const before = calendar?.code;
  const set = useCommand(SetOperatorCalendarDocument, {
    changes: PEOPLE,
    done: () => ({
      said: t('done.calendar', { name: name ?? code }),
      undo: () => command(SetOperatorCalendarDocument, { operatorCode: code, calendarCode: before }),
    }),
  });
  const reason = useReason(set.error ?? undefined);
  const options = names?.calendars.edges.map(({ node }) => ({ value: node.code, label: node.name })) ?? [];
  const known = before === undefined || options.some(({ value }) => value === before);
  return (
    <NativeSelect
      label={t('calendar')}
      disabled={!mayChange || set.isPending}
      value={before ?? ''}
      error={set.error ? reason : undefined}
      data={[
        { value: '', label: names?.company.calendar?.name ? t('asCompanyNamed', { name: names.company.calendar.name }) : t('asCompany') },
        ...options,
        ...(known ? [] : [{ value: before, label: calendar?.name ?? before }]),
      ]}
      onChange={({ currentTarget: { value } }) => set.mutate({ operatorCode: code, calendarCode: value || undefined })}
    />
  );
}

function RenameDialog({ person: { code, name }, close }: { person: Person; close: () => void }) {
  const { t } = useTranslation('people');
  const { mutateAsync } = useCommand(RenameOperatorDocument, {
    changes: PEOPLE,
    done: (_, input) => ({
      said: t('done.renamed', { name: input.name }),
      ...(name !== null && { undo: () => command(RenameOperatorDocument, { operatorCode: code, name }) }),
    }),
  });
  return (
    <FieldsDialog
      title={t('rename.title', { code })}
      name={t('rename.do')}
      fields={[{ name: 'name', label: t('name'), required: true, initial: name ?? '' }]}
      submit={(values) => mutateAsync({ operatorCode: code, name: values.name.trim() })}
      close={close}
    />
  );
}
