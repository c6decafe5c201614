// What stands in the way, and why: of a job that is blocked, of an operation that help is called for.
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BlockJobInput } from '../../api/generated/job';
import { FormDialog } from '../../app/FormDialog';
import { useChoices } from './OperationFields';

export type Hindrance = Pick<BlockJobInput, 'cause' | 'reason' | 'machineCode' | 'operatorCode' | 'material'>;

interface HindranceDialogProps {
  title: string;
  /** What the button says that does it. */
  name: string;
  submit: (hindrance: Hindrance) => Promise<unknown>;
  close: () => void;
}

const CAUSES: BlockJobInput['cause'][] = ['MATERIAL', 'MACHINE', 'PERSON', 'QUALITY', 'OTHER'];

export function HindranceDialog({ title, name, submit, close }: HindranceDialogProps) {
  const { t } = useTranslation('job');
  const { machines, operators } = useChoices();
  const [form, setForm] = useState({ cause: CAUSES[0] ?? 'OTHER', reason: '', machine: '', operator: '', material: '' });
  const { cause, reason, machine, operator, material } = form;
  const about = {
    ...(cause === 'MACHINE' && { machineCode: machine }),
    ...(cause === 'PERSON' && { operatorCode: operator }),
    ...(cause === 'MATERIAL' && { material: material.trim() }),
  };
  // What is typed is read now: by the time that it is put in, the event is over.
  const put =
    (field: keyof typeof form) =>
    ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setForm((all) => ({ ...all, [field]: value }));
  const choose = { value: '', label: t('operation.choose') };
  return (
    <FormDialog
      title={title}
      name={name}
      submit={() => submit({ cause, reason: reason.trim(), ...about })}
      close={close}
      fields={['reason', 'material', 'machine', 'operator', 'machineCode', 'operatorCode']}
      disabled={reason.trim() === ''}
    >
      {(fault) => (
        <>
          <NativeSelect
            label={t('ask.cause')}
            data={CAUSES.map((one) => ({ value: one, label: t(`blockedBy.${one}`) }))}
            value={cause}
            onChange={({ currentTarget: { value } }) =>
              setForm((all) => ({ ...all, cause: CAUSES.find((one) => one === value) ?? all.cause }))
            }
          />
          {cause === 'MACHINE' && (
            <NativeSelect
              label={t('blockedBy.MACHINE')}
              data={[choose, ...machines.map(({ code, name }) => ({ value: code, label: `${code} · ${name}` }))]}
              value={machine}
              error={fault('machine') ?? fault('machineCode')}
              onChange={put('machine')}
              required
            />
          )}
          {cause === 'PERSON' && (
            <NativeSelect
              label={t('blockedBy.PERSON')}
              data={[choose, ...operators.map(({ code, name }) => ({ value: code, label: name ?? code }))]}
              value={operator}
              error={fault('operator') ?? fault('operatorCode')}
              onChange={put('operator')}
              required
            />
          )}
          {cause === 'MATERIAL' && (
            <TextInput
              label={t('ask.material')}
              value={material}
              error={fault('material')}
              onChange={put('material')}
              required
              dir="auto"
            />
          )}
          <Textarea
            label={t('ask.reason')}
            autosize
            minRows={2}
            value={reason}
            error={fault('reason')}
            onChange={put('reason')}
            required
            dir="auto"
          />
        </>
      )}
    </FormDialog>
  );
}
