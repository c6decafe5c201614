import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import {
  ChangeMachineStatusDocument,
  CreateWorkCenterDocument,
  MoveMachineDocument,
  MoveWorkCenterDocument,
  RateMachineDocument,
  RegisterMachineDocument,
  RenameMachineDocument,
  RenameWorkCenterDocument,
  RetireWorkCenterDocument,
} from '../../api/generated/machines';
import { Refusal } from '../../api/query';
import { FieldsDialog } from '../../app/FieldsDialog';
import { sayDone } from '../../app/undo';
import { FLOOR } from './data';
import type { Center, Machine } from './model';

const whole = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text) : undefined);

/** Numbers as typed; what is none is told at its field. */
function useNumber() {
  const { t } = useTranslation('machines');
  return (text: string, field: string, most: number): number => {
    const number = whole(text);
    if (number === undefined || number > most) throw new Refusal('FAULTY', t('fault.number', { most }), field);
    return number;
  };
}

const costOf = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim().replace(',', '.'));

export function CenterDialog({ center, close }: { center?: Center; close: () => void }) {
  const { t } = useTranslation('machines');
  const queries = useQueryClient();
  const create = useCommand(CreateWorkCenterDocument, {
    changes: FLOOR,
    done: (_, { code, name }) => ({
      said: t('done.created', { name }),
      undo: () => command(RetireWorkCenterDocument, { workCenterCode: code, reason: t('done.undoCreate') }),
    }),
  });
  const revise = async (to: { name: string; area?: string }) => {
    if (center === undefined) return;
    const workCenterCode = center.code;
    if (to.name !== center.name) await command(RenameWorkCenterDocument, { workCenterCode, name: to.name });
    if ((to.area ?? null) !== center.area) await command(MoveWorkCenterDocument, { workCenterCode, area: to.area });
    for (const queryKey of FLOOR) void queries.invalidateQueries({ queryKey });
    const undo = async () => {
      if (to.name !== center.name) await command(RenameWorkCenterDocument, { workCenterCode, name: center.name });
      if ((to.area ?? null) !== center.area) await command(MoveWorkCenterDocument, { workCenterCode, area: center.area });
    };
    sayDone({ said: t('done.changed', { name: center.code }), undo });
  };
  return (
    <FieldsDialog
      title={center ? t('center.edit', { name: center.name }) : t('center.add')}
      name={center ? t('save') : t('center.add')}
      fields={[
        ...(center ? [] : [{ name: 'code' as const, label: t('code'), required: true, description: t('center.codeWhat') }]),
        { name: 'name', label: t('name'), required: true, initial: center?.name ?? '' },
        { name: 'area', label: t('area'), description: t('areaWhat'), initial: center?.area ?? '' },
      ]}
      submit={({ code, name, area }) => {
        const to = { name: name.trim(), area: area.trim() || undefined };
        return center ? revise(to) : create.mutateAsync({ ...to, code: code.trim() });
      }}
      close={close}
    />
  );
}

interface MachineDialogProps {
  machine?: Machine;
  centers: readonly Center[];
  close: () => void;
}

/** A new machine, or all that can be changed of one. */
export function MachineDialog({ machine, centers, close }: MachineDialogProps) {
  const { t } = useTranslation('machines');
  const queries = useQueryClient();
  const number = useNumber();
  const register = useCommand(RegisterMachineDocument, {
    changes: FLOOR,
    done: (_, { code }) => ({
      said: t('done.created', { name: code }),
      undo: () => command(ChangeMachineStatusDocument, { machineCode: code, status: 'RETIRED', reason: t('done.undoCreate') }),
    }),
  });
  type Facts = { name: string; workCenterCode: string; capacity: number; speedPercent: number; hourlyCost?: string };
  const go = async (code: string, was: Facts, to: Facts) => {
    if (to.name !== was.name) await command(RenameMachineDocument, { machineCode: code, name: to.name });
    if (to.workCenterCode !== was.workCenterCode)
      await command(MoveMachineDocument, { machineCode: code, workCenterCode: to.workCenterCode });
    const { capacity, speedPercent, hourlyCost } = to;
    if (capacity !== was.capacity || speedPercent !== was.speedPercent || hourlyCost !== was.hourlyCost) {
      await command(RateMachineDocument, { machineCode: code, capacity, speedPercent, hourlyCost });
    }
    for (const queryKey of FLOOR) void queries.invalidateQueries({ queryKey });
  };
  return (
    <FieldsDialog
      title={machine ? t('machine.edit', { code: machine.code }) : t('machine.add')}
      name={machine ? t('save') : t('machine.add')}
      fields={[
        ...(machine ? [] : [{ name: 'code' as const, label: t('code'), required: true, description: t('machine.codeWhat') }]),
        { name: 'name', label: t('name'), required: true, initial: machine?.name ?? '' },
        {
          name: 'center',
          label: t('center.name'),
          type: 'select',
          required: true,
          refusedAs: 'workCenter',
          initial: machine?.workCenter.code ?? centers[0]?.code ?? '',
          options: centers.map(({ code, name }) => ({ value: code, label: `${code} · ${name}` })),
        },
        {
          name: 'capacity',
          label: t('machine.capacity'),
          type: 'number',
          initial: String(machine?.capacity ?? 1),
          description: t('machine.capacityWhat'),
        },
        {
          name: 'speed',
          label: t('machine.speed'),
          type: 'number',
          refusedAs: 'speedPercent',
          initial: String(machine?.speedPercent ?? 100),
          description: t('machine.speedWhat'),
        },
        {
          name: 'cost',
          label: t('machine.cost'),
          type: 'number',
          refusedAs: 'hourlyCost',
          initial: machine?.hourlyCost ? String(Number(machine.hourlyCost)) : '',
        },
      ]}
      submit={async ({ code, name, center, capacity, speed, cost }) => {
        const to = {
          name: name.trim(),
          workCenterCode: center,
          capacity: number(capacity, 'capacity', 255),
          speedPercent: number(speed, 'speedPercent', 1_000),
          hourlyCost: costOf(cost),
        };
        if (machine === undefined) return register.mutateAsync({ ...to, code: code.trim() });
        const was = {
          name: machine.name,
          workCenterCode: machine.workCenter.code,
          capacity: machine.capacity,
          speedPercent: machine.speedPercent,
          hourlyCost: machine.hourlyCost === null ? undefined : String(Number(machine.hourlyCost)),
        };
        await go(machine.code, was, to);
        sayDone({ said: t('done.changed', { name: machine.code }), undo: () => go(machine.code, to, was) });
        return undefined;
      }}
      close={close}
    />
  );
}
