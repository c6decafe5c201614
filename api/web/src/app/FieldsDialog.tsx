// A dialog of a few fields: most of what is set up is a name, a choice, a time and a reason.
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { FormDialog } from './FormDialog';

export interface DialogField<Name extends string> {
  name: Name;
  label: string;
  /** What it is called in refusals, where that is something else. */
  refusedAs?: string;
  type?: 'text' | 'number' | 'date' | 'datetime-local' | 'time' | 'select' | 'lines';
  options?: readonly { value: string; label: string }[];
  required?: boolean;
  description?: string;
  initial?: string;
}

interface FieldsDialogProps<Name extends string> {
  title: string;
  name: string;
  fields: readonly DialogField<Name>[];
  submit: (values: Record<Name, string>) => Promise<unknown>;
  close: () => void;
  children?: ReactNode;
  danger?: boolean;
}

export function FieldsDialog<Name extends string>({ title, name, fields, submit, close, children, danger }: FieldsDialogProps<Name>) {
  const [values, setValues] = useState(
    () => Object.fromEntries(fields.map((field) => [field.name, field.initial ?? ''])) as Record<Name, string>,
  );
  const [tried, setTried] = useState(false);
  const put = (field: Name) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setValues((all) => ({ ...all, [field]: value }));
  };
  const lacks = fields.some((field) => field.required && values[field.name].trim() === '');
  return (
    <FormDialog
      title={title}
      name={name}
      submit={() => {
        setTried(true);
        return submit(values);
      }}
      close={close}
      fields={fields.map((field) => field.refusedAs ?? field.name)}
      disabled={lacks && tried}
      danger={danger}
    >
      {(fault) => (
        <>
          {children}
          {fields.map((field, at) => {
            const { label, description, required } = field;
            const shared = {
              label,
              description,
              required,
              error: fault(field.refusedAs ?? field.name),
              value: values[field.name],
              onChange: put(field.name),
            };
            const first = at === 0 ? { 'data-autofocus': true } : {};
            if (field.type === 'select') return <NativeSelect key={field.name} {...shared} {...first} data={[...(field.options ?? [])]} />;
            if (field.type === 'lines')
              return <Textarea key={field.name} {...shared} {...first} autosize minRows={2} maxRows={12} dir="auto" />;
            return (
              <TextInput
                key={field.name}
                {...shared}
                {...first}
                type={field.type === 'number' ? 'text' : (field.type ?? 'text')}
                inputMode={field.type === 'number' ? 'numeric' : undefined}
                dir={field.type === undefined ? 'auto' : undefined}
              />
            );
          })}
        </>
      )}
    </FormDialog>
  );
}
