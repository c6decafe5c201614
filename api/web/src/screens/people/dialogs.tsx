import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import {
  type AbsenceKind,
  AddAbsenceDocument,
  ChangeAbsenceDocument,
  DeactivateOperatorDocument,
  GrantSkillDocument,
  ReactivateOperatorDocument,
  RegisterOperatorDocument,
  RemoveAbsenceDocument,
  RevokeSkillDocument,
} from '../../api/generated/people';
import { FieldsDialog } from '../../app/FieldsDialog';
import { useReason } from '../../design/states';
import { fromDay, instantOf, toField } from '../../time/field';
import { useManner } from '../../time/useFormat';
import { PEOPLE, type Person } from './data';
import css from './people.module.css';

export function RegisterDialog({ close }: { close: () => void }) {
  const { t } = useTranslation('people');
  const { mutateAsync } = useCommand(RegisterOperatorDocument, {
    changes: PEOPLE,
    done: (_, { code, name }) => ({
      said: t('done.registered', { name: name ?? code }),
      undo: () => command(DeactivateOperatorDocument, { operatorCode: code, reason: t('done.undoRegister') }),
    }),
  });
  return (
    <FieldsDialog
      title={t('add')}
      name={t('add')}
      fields={[
        { name: 'code', label: t('code'), description: t('codeWhat'), required: true },
        { name: 'name', label: t('name') },
      ]}
      submit={({ code, name }) => mutateAsync({ code: code.trim(), name: name.trim() || undefined })}
      close={close}
    />
  );
}

const LEVELS = ['1', '2', '3', '4', '5'] as const;

export function SkillDialog({
  person,
  skill,
  skills,
  close,
}: {
  person: Person;
  skill: string;
  skills: readonly string[];
  close: () => void;
}) {
  const { t } = useTranslation('people');
  const { zone } = useManner();
  const held = person.skills.find((one) => one.skill === skill);
  const name = person.name ?? person.code;
  const back = (was: string) => {
    const before = person.skills.find((one) => one.skill === was);
    if (before === undefined) return command(RevokeSkillDocument, { operatorCode: person.code, skill: was });
    return command(GrantSkillDocument, {
      operatorCode: person.code,
      skill: was,
      level: before.level,
      expires: before.expires ?? undefined,
    });
  };
  const grant = useCommand(GrantSkillDocument, {
    changes: PEOPLE,
    done: (_, input) => ({ said: t('done.granted', { name, skill: input.skill, level: input.level }), undo: () => back(input.skill) }),
  });
  const revoke = useCommand(RevokeSkillDocument, {
    changes: PEOPLE,
    done: () => ({ said: t('done.revoked', { name, skill }), undo: () => back(skill) }),
  });
  const reason = useReason(revoke.error ?? undefined);
  return (
    <FieldsDialog
      title={t('skill.title', { name })}
      name={t('save')}
      fields={[
        {
          name: 'skill',
          label: t('skill.name'),
          initial: skill,
          required: true,
          description: skill === '' && skills.length > 0 ? t('skill.known', { skills: skills.slice(0, 8).join(', ') }) : undefined,
        },
        {
          name: 'level',
          label: t('skill.level'),
          type: 'select',
          initial: String(held?.level ?? 1),
          options: LEVELS.map((level) => ({ value: level, label: t(`level.${level}`) })),
        },
        {
          name: 'expires',
          label: t('skill.until'),
          type: 'date',
          description: t('skill.untilWhat'),
          initial: held?.expires ? toField(Date.parse(held.expires) - 1, zone).slice(0, 10) : '',
        },
      ]}
      submit={({ skill: which, level, expires }) =>
        grant.mutateAsync({
          operatorCode: person.code,
          skill: which.trim(),
          level: Number(level),
          // The day that is named is the last on which it counts.
          expires: expires ? new Date(fromDay(expires, zone, 1)).toISOString() : undefined,
        })
      }
      close={close}
    >
      {held && (
        <div className={css.revoke}>
          <Button
            size="compact-sm"
            variant="default"
            loading={revoke.isPending}
            onClick={() => revoke.mutate({ operatorCode: person.code, skill }, { onSuccess: close })}
          >
            {t('skill.revoke')}
          </Button>
          {revoke.error && <span role="alert">{reason}</span>}
        </div>
      )}
    </FieldsDialog>
  );
}

const KINDS: AbsenceKind[] = ['HOLIDAY', 'TRAINING', 'OTHER_DUTY', 'AWAY'];

/** Away from then to then: a new one, or another time for one that there is. */
export function AbsenceDialog({ person, absence, close }: { person: Person; absence?: Person['absences'][number]; close: () => void }) {
  const { t } = useTranslation('people');
  const { zone } = useManner();
  const name = person.name ?? person.code;
  const add = useCommand(AddAbsenceDocument, {
    changes: PEOPLE,
    done: ({ operator }, { from, until }) => {
      const isNew = (number: number) => !person.absences.some((one) => one.number === number);
      const added = operator?.absences.find(
        (one) => isNew(one.number) && Date.parse(one.from) === Date.parse(from) && Date.parse(one.until) === Date.parse(until),
      );
      const undo = added && (() => command(RemoveAbsenceDocument, { operatorCode: person.code, absence: added.number }));
      return { said: t('done.absent', { name }), undo };
    },
  });
  const change = useCommand(ChangeAbsenceDocument, {
    changes: PEOPLE,
    done: () => ({
      said: t('done.absenceChanged', { name }),
      undo:
        absence &&
        (() =>
          command(ChangeAbsenceDocument, {
            operatorCode: person.code,
            absence: absence.number,
            from: absence.from,
            until: absence.until,
            kind: absence.kind ?? 'AWAY',
          })),
    }),
  });
  const instant = (text: string, came?: string) => instantOf(text, zone, came) ?? new Date(0).toISOString();
  return (
    <FieldsDialog
      title={t('absence.title', { name })}
      name={t('save')}
      fields={[
        {
          name: 'kind',
          label: t('absence.kind'),
          type: 'select',
          initial: absence?.kind ?? 'HOLIDAY',
          options: KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) })),
        },
        {
          name: 'from',
          label: t('absence.from'),
          type: 'datetime-local',
          required: true,
          initial: absence ? toField(absence.from, zone) : '',
        },
        {
          name: 'until',
          label: t('absence.until'),
          type: 'datetime-local',
          required: true,
          description: t('absence.untilWhat', { zone }),
          initial: absence ? toField(absence.until, zone) : '',
        },
      ]}
      submit={({ kind, from, until }) => {
        const input = {
          operatorCode: person.code,
          kind: KINDS.find((one) => one === kind) ?? 'AWAY',
          from: instant(from, absence?.from),
          until: instant(until, absence?.until),
        };
        return absence ? change.mutateAsync({ ...input, absence: absence.number }) : add.mutateAsync(input);
      }}
      close={close}
    />
  );
}

export function DeactivateDialog({ person, close }: { person: Person; close: () => void }) {
  const { t } = useTranslation('people');
  const name = person.name ?? person.code;
  const { mutateAsync } = useCommand(DeactivateOperatorDocument, {
    changes: PEOPLE,
    done: () => ({ said: t('done.deactivated', { name }), undo: () => command(ReactivateOperatorDocument, { operatorCode: person.code }) }),
  });
  return (
    <FieldsDialog
      title={t('deactivate.title', { name })}
      name={t('deactivate.do')}
      danger
      fields={[{ name: 'reason', label: t('deactivate.reason'), type: 'lines', required: true }]}
      submit={({ reason }) => mutateAsync({ operatorCode: person.code, reason: reason.trim() })}
      close={close}
    >
      <p className="muted">{t('deactivate.what')}</p>
    </FieldsDialog>
  );
}
