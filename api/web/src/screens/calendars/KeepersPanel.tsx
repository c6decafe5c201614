import { CloseButton, NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Building2, Factory, type LucideIcon, UserRound, Warehouse } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import {
  GiveCompanyCalendarDocument,
  GiveMachineCalendarDocument,
  GiveOperatorCalendarDocument,
  GiveWorkCenterCalendarDocument,
} from '../../api/generated/calendars';
import type { Action } from '../../api/may';
import { useMay } from '../../api/session';
import { sayDone } from '../../app/undo';
import { Panel } from '../../design/Panel';
import { useReason } from '../../design/states';
import css from './calendars.module.css';
import { CALENDARS, type Calendar, type Keeper, type KeeperKind } from './data';

const ICONS: Record<KeeperKind, LucideIcon> = { company: Building2, workCenter: Warehouse, machine: Factory, operator: UserRound };
const NEEDS: Record<KeeperKind, Action> = {
  company: 'CONFIGURE_COMPANY',
  workCenter: 'MANAGE_CALENDARS',
  machine: 'MANAGE_CALENDARS',
  operator: 'MANAGE_CALENDARS',
};

function give({ kind, code }: Keeper, calendarCode: string | undefined) {
  if (kind === 'company') return command(GiveCompanyCalendarDocument, { calendarCode });
  if (kind === 'workCenter') return command(GiveWorkCenterCalendarDocument, { workCenterCode: code, calendarCode });
  if (kind === 'machine') return command(GiveMachineCalendarDocument, { machineCode: code, calendarCode });
  return command(GiveOperatorCalendarDocument, { operatorCode: code, calendarCode });
}

/** Who keeps to this calendar, and giving it to somebody else. */
export function KeepersPanel({ calendar, keepers }: { calendar: Calendar; keepers: readonly Keeper[] }) {
  const { t } = useTranslation('calendars');
  const queries = useQueryClient();
  const may = useMay();
  const change = useMutation({
    mutationFn: ({ keeper, to }: { keeper: Keeper; to?: string }) => give(keeper, to),
    onSuccess: (_, { keeper, to }) => {
      for (const queryKey of [...CALENDARS, ['people']]) void queries.invalidateQueries({ queryKey });
      const said =
        to === undefined ? t('done.taken', { name: keeper.name }) : t('done.given', { name: keeper.name, calendar: calendar.name });
      sayDone({ said, undo: () => give(keeper, keeper.calendar) });
    },
  });
  const reason = useReason(change.error ?? undefined);
  const own = keepers.filter((one) => one.calendar === calendar.code);
  const others = keepers.filter((one) => one.calendar !== calendar.code && may(NEEDS[one.kind]));
  const name = (one: Keeper) => (one.name === one.code || one.code === '' ? one.name : `${one.name} (${one.code})`);
  const kinds: KeeperKind[] = ['company', 'workCenter', 'machine', 'operator'];
  return (
    <Panel title={t('keeper.title')} aside={t('keeper.what')}>
      {own.length === 0 && <p className="muted">{t('keeper.none')}</p>}
      <ul className={css.keepers}>
        {own.map((one) => {
          const Icon = ICONS[one.kind];
          return (
            <li key={`${one.kind} ${one.code}`} className={css.keeper}>
              <Icon size={14} aria-hidden />
              <span>
                <span className="visually-hidden">{t(`kind.${one.kind}`)} </span>
                {name(one)}
              </span>
              {may(NEEDS[one.kind]) && (
                <CloseButton
                  size="xs"
                  aria-label={t('keeper.take', { name: one.name })}
                  title={t('keeper.take', { name: one.name })}
                  onClick={() => change.mutate({ keeper: one })}
                />
              )}
            </li>
          );
        })}
      </ul>
      {others.length > 0 && (
        <NativeSelect
          className={css.give}
          label={t('keeper.give')}
          value=""
          disabled={change.isPending}
          error={change.error ? reason : undefined}
          onChange={({ currentTarget: { value } }) => {
            const keeper = others.find((one) => `${one.kind} ${one.code}` === value);
            if (keeper) change.mutate({ keeper, to: calendar.code });
          }}
          data={[
            { value: '', label: t('keeper.choose') },
            ...kinds.flatMap((kind) => {
              const items = others.filter((one) => one.kind === kind).map((one) => ({ value: `${kind} ${one.code}`, label: name(one) }));
              return items.length > 0 ? [{ group: t(`kind.${kind}`), items }] : [];
            }),
          ]}
        />
      )}
    </Panel>
  );
}
