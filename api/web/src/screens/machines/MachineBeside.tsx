import { ActionIcon, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import {
  CancelMaintenanceDocument,
  ChangeMachineStatusDocument,
  ChangeMaintenanceDocument,
  MachineMoreDocument,
  type MachineMoreQuery,
  PlanMaintenanceDocument,
} from '../../api/generated/machines';
import { ask } from '../../api/query';
import { useMay } from '../../api/session';
import { FieldsDialog } from '../../app/FieldsDialog';
import { Sheet } from '../../app/Sheet';
import { type MachineStatus, Status } from '../../design/Status';
import { When } from '../../design/values';
import { Feeds } from '../../feeds/Feeds';
import { isolated } from '../../i18n/bidi';
import { instantOf, toField } from '../../time/field';
import { useManner } from '../../time/useFormat';
import { FLOOR } from './data';
import { MachineDialog } from './dialogs';
import css from './machines.module.css';
import type { Center, Machine } from './model';

type Maintenance = NonNullable<MachineMoreQuery['machine']>['maintenance'][number];
type Asked = 'edit' | 'status' | 'maintenance' | { change: Maintenance } | { cancel: Maintenance };

/** All of a machine beside the list. */
export function MachineBeside({ machine, centers, close }: { machine: Machine; centers: readonly Center[]; close: () => void }) {
  const { t } = useTranslation('machines');
  const [asked, setAsked] = useState<Asked>();
  const may = useMay();
  const more = useQuery({
    queryKey: ['machines', 'more', machine.id],
    queryFn: ({ signal }) => ask(MachineMoreDocument, { id: machine.id }, signal),
  });
  const windows = more.data?.machine?.maintenance ?? [];
  const done = () => setAsked(undefined);
  const { code, name, status, since, reason, capacity, speedPercent, hourlyCost, calendar } = machine;
  const mayPlan = may('MANAGE_CALENDARS');
  return (
    <Sheet title={`${code} ${isolated(name)}`} close={close}>
      <div className={css.beside}>
        <p>
          <Status of="machine" is={status} /> <When at={since} />
        </p>
        {reason && <p dir="auto">{reason}</p>}
        {may('MANAGE_MACHINES') && (
          <div className={css.buttons}>
            <Button size="compact-sm" variant="default" onClick={() => setAsked('status')}>
              {t('status.change')}
            </Button>
            <Button size="compact-sm" variant="default" leftSection={<Pencil size={14} aria-hidden />} onClick={() => setAsked('edit')}>
              {t('edit')}
            </Button>
          </div>
        )}
        <dl className={css.facts}>
          <dt>{t('center.name')}</dt>
          <dd>{machine.workCenter.name ?? machine.workCenter.code}</dd>
          <dt>{t('machine.capacity')}</dt>
          <dd>{capacity}</dd>
          <dt>{t('machine.speed')}</dt>
          <dd>{speedPercent} %</dd>
          {hourlyCost && (
            <>
              <dt>{t('machine.cost')}</dt>
              <dd>{Number(hourlyCost)}</dd>
            </>
          )}
          <dt>{t('column.calendar')}</dt>
          <dd>
            {calendar ? (
              <Link to="/calendars" search={({ lang }) => ({ lang, calendar: calendar.code })}>
                {calendar.name ?? calendar.code}
              </Link>
            ) : (
              t('asCenter')
            )}
          </dd>
        </dl>
        <section>
          <h3>{t('maintenance.title')}</h3>
          {windows.length === 0 && <p className="muted">{t('maintenance.none')}</p>}
          <ul className={css.windows}>
            {windows.map((one) => (
              <li key={one.number}>
                <span>
                  <When at={one.from} /> – <When at={one.until} />
                  <span className="muted" dir="auto">
                    {' '}
                    {one.reason}
                  </span>
                </span>
                {mayPlan && (
                  <span className={css.buttons}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size="sm"
                      aria-label={t('maintenance.change')}
                      title={t('maintenance.change')}
                      onClick={() => setAsked({ change: one })}
                    >
                      <Pencil size={14} aria-hidden />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size="sm"
                      aria-label={t('maintenance.cancel')}
                      title={t('maintenance.cancel')}
                      onClick={() => setAsked({ cancel: one })}
                    >
                      <Trash2 size={14} aria-hidden />
                    </ActionIcon>
                  </span>
                )}
              </li>
            ))}
          </ul>
          {mayPlan && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Plus size={14} aria-hidden />}
              onClick={() => setAsked('maintenance')}
            >
              {t('maintenance.plan')}
            </Button>
          )}
        </section>
        {may('PLAN_WORK') && status !== 'RETIRED' && <Feeds of={{ machine: { id: machine.id, code } }} />}
      </div>
      {asked === 'edit' && <MachineDialog machine={machine} centers={centers} close={done} />}
      {asked === 'status' && <StatusDialog machine={machine} close={done} />}
      {asked === 'maintenance' && <MaintenanceDialog machine={machine} close={done} />}
      {typeof asked === 'object' && 'change' in asked && <MaintenanceDialog machine={machine} planned={asked.change} close={done} />}
      {typeof asked === 'object' && 'cancel' in asked && <CancelDialog machine={machine} planned={asked.cancel} close={done} />}
    </Sheet>
  );
}

const CHOSEN: MachineStatus[] = ['AVAILABLE', 'DOWN', 'MAINTENANCE', 'RETIRED'];

function StatusDialog({ machine: { code, status, reason }, close }: { machine: Machine; close: () => void }) {
  const { t } = useTranslation('machines');
  const { t: design } = useTranslation('design');
  const { mutateAsync } = useCommand(ChangeMachineStatusDocument, {
    changes: FLOOR,
    done: (_, input) => ({
      said: t('done.status', { code, status: design(`machine.${input.status}`) }),
      ...(input.status !== 'RETIRED' && { undo: () => command(ChangeMachineStatusDocument, { machineCode: code, status, reason }) }),
    }),
  });
  const others = CHOSEN.filter((one) => one !== status);
  return (
    <FieldsDialog
      title={t('status.title', { code })}
      name={t('status.change')}
      fields={[
        {
          name: 'status',
          label: t('column.status'),
          type: 'select',
          initial: others[0],
          options: others.map((one) => ({ value: one, label: design(`machine.${one}`) })),
        },
        { name: 'reason', label: t('reason'), type: 'lines', description: t('status.reasonWhat') },
      ]}
      submit={(values) =>
        mutateAsync({
          machineCode: code,
          status: others.find((one) => one === values.status) ?? 'AVAILABLE',
          reason: values.reason.trim() || undefined,
        })
      }
      close={close}
    >
      <p className="muted">{t('status.retired')}</p>
    </FieldsDialog>
  );
}

function MaintenanceDialog({ machine: { code }, planned, close }: { machine: Machine; planned?: Maintenance; close: () => void }) {
  const { t } = useTranslation('machines');
  const { zone } = useManner();
  const plan = useCommand(PlanMaintenanceDocument, { changes: FLOOR, done: () => ({ said: t('done.maintenance', { code }) }) });
  const change = useCommand(ChangeMaintenanceDocument, {
    changes: FLOOR,
    done: () => ({
      said: t('done.maintenance', { code }),
      undo:
        planned &&
        (() =>
          command(ChangeMaintenanceDocument, {
            machineCode: code,
            maintenance: planned.number,
            from: planned.from,
            until: planned.until,
            reason: planned.reason,
          })),
    }),
  });
  const instant = (text: string, came?: string) => instantOf(text, zone, came) ?? new Date(0).toISOString();
  return (
    <FieldsDialog
      title={t('maintenance.of', { code })}
      name={planned ? t('save') : t('maintenance.plan')}
      fields={[
        {
          name: 'from',
          label: t('maintenance.from'),
          type: 'datetime-local',
          required: true,
          initial: planned ? toField(planned.from, zone) : '',
        },
        {
          name: 'until',
          label: t('maintenance.until'),
          type: 'datetime-local',
          required: true,
          initial: planned ? toField(planned.until, zone) : '',
          description: t('maintenance.zone', { zone }),
        },
        { name: 'reason', label: t('reason'), type: 'lines', required: true, initial: planned?.reason ?? '' },
      ]}
      submit={({ from, until, reason }) => {
        const input = {
          machineCode: code,
          from: instant(from, planned?.from),
          until: instant(until, planned?.until),
          reason: reason.trim(),
        };
        return planned ? change.mutateAsync({ ...input, maintenance: planned.number }) : plan.mutateAsync(input);
      }}
      close={close}
    />
  );
}

function CancelDialog({ machine: { code }, planned, close }: { machine: Machine; planned: Maintenance; close: () => void }) {
  const { t } = useTranslation('machines');
  const { mutateAsync } = useCommand(CancelMaintenanceDocument, {
    changes: FLOOR,
    done: () => ({
      said: t('done.cancelled', { code }),
      undo: () => command(PlanMaintenanceDocument, { machineCode: code, from: planned.from, until: planned.until, reason: planned.reason }),
    }),
  });
  return (
    <FieldsDialog
      title={t('maintenance.cancel')}
      name={t('maintenance.cancel')}
      fields={[{ name: 'reason', label: t('reason'), type: 'lines', required: true }]}
      submit={({ reason }) => mutateAsync({ machineCode: code, maintenance: planned.number, reason: reason.trim() })}
      close={close}
    />
  );
}
