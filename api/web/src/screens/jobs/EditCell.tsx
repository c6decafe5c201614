import { UnstyledButton } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useReason } from '../../design/states';
import css from './jobs.module.css';

interface EditCellProps {
  /** What is read out: what it is, and of which job. */
  name: string;
  type: 'number' | 'datetime-local';
  value: string;
  min?: number;
  max?: number;
  /** Does it; what stands in the field is kept where it is refused. */
  save: (text: string) => Promise<void>;
  children: ReactNode;
}

/** A value that becomes a field when it is chosen: Enter and leaving it save, Escape leaves it as it was. */
export function EditCell({ name, type, value, min, max, save, children }: EditCellProps) {
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !editing && document.activeElement === document.body) button.current?.focus();
    wasEditing.current = editing;
  }, [editing]);
  if (editing) return <Field {...{ name, type, value, min, max, save }} close={() => setEditing(false)} />;
  return (
    <UnstyledButton ref={button} className={css.edit} onClick={() => setEditing(true)}>
      <span className="visually-hidden">{name}: </span>
      {children}
    </UnstyledButton>
  );
}

function Field({ name, type, value, min, max, save, close }: Omit<EditCellProps, 'children'> & { close: () => void }) {
  const [text, setText] = useState(value);
  const [state, setState] = useState<'typing' | 'saving' | { error: unknown }>('typing');
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const failed = typeof state === 'object';
  const reason = useReason(failed ? state.error : undefined);
  useEffect(() => {
    field.current?.focus();
    if (type === 'number') field.current?.select();
  }, [type]);
  const done = () => {
    if (state === 'saving') return;
    if (text === value || text === '') return close();
    if (!field.current?.checkValidity()) {
      field.current?.reportValidity();
      return;
    }
    setState('saving');
    save(text).then(close, (error: unknown) => setState({ error }));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') done();
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span className={css.field}>
      <input
        ref={field}
        type={type}
        min={min}
        max={max}
        step={type === 'number' ? 1 : undefined}
        value={text}
        aria-label={name}
        aria-invalid={failed}
        aria-describedby={failed ? id : undefined}
        disabled={state === 'saving'}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKey}
        onBlur={() => !failed && done()}
      />
      {failed && (
        <span id={id} role="alert" className={css.fieldError}>
          {reason}
        </span>
      )}
    </span>
  );
}
