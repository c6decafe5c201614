// A form over the screen: what Kilter refuses stands at the field that it speaks of, else above the buttons; what was typed stays.
import { Button, Modal } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refusal } from '../api/query';
import form from '../design/form.module.css';
import { useReason } from '../design/states';
import { Leave, Unsaved } from './Unsaved';

export type Fault = (field: string) => string | undefined;

interface FormDialogProps {
  title: string;
  /** What the button says that does it. */
  name: string;
  /** Does it; the dialog closes when it is done. */
  submit: () => Promise<unknown>;
  close: () => void;
  /** The fields of the command that the form has, by the names that refusals use. */
  fields?: readonly string[];
  children: ReactNode | ((fault: Fault) => ReactNode);
  size?: number | string;
  /** Nothing can be done yet. */
  disabled?: boolean;
  danger?: boolean;
  /** What is typed is kept as a draft: nothing is lost by closing. */
  isKept?: boolean;
  /** It only tells: there is nothing that could be left. */
  tells?: boolean;
}

/** Wherever one goes, the dialog goes. */
const always = () => true;

const stays = () => {};

export function FormDialog({
  title,
  name,
  submit,
  close,
  fields = [],
  children,
  size,
  disabled,
  danger,
  isKept = false,
  tells,
}: FormDialogProps) {
  const { t } = useTranslation('design');
  const [state, setState] = useState<'typing' | 'asked' | { error: unknown }>('typing');
  const [isTyped, setTyped] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  const isAsked = state === 'asked';
  // While it is being done, what does it may lead elsewhere.
  const isUnsaved = isTyped && !isKept && !tells && !isAsked;
  const error = typeof state === 'object' ? state.error : undefined;
  const reason = useReason(error);
  const at = error instanceof Refusal ? (error.field ?? undefined) : undefined;
  const isAtField = at !== undefined && fields.includes(at);
  const fault: Fault = (field) => (isAtField && field === at ? reason : undefined);
  const isThere = useRef(false);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (isAsked) return;
    setState('asked');
    submit().then(
      // Who was led elsewhere meanwhile may have opened another dialog: that one is not closed for them.
      () => isThere.current && close(),
      (refused: unknown) => setState({ error: refused }),
    );
  };
  const ask = () => setLeaving(true);
  // While it is being done nobody knows whether it will be: what is refused is said here, beside what was typed.
  const onClose = isAsked ? stays : isUnsaved ? ask : close;
  return (
    <Modal
      opened
      // A click beside it or Escape may be a slip; Cancel is not.
      onClose={onClose}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': t('dialog.close'), disabled: isAsked }}
      transitionProps={{ duration: 120 }}
    >
      <form onSubmit={onSubmit} onInput={() => setTyped(true)} className={form.form}>
        {typeof children === 'function' ? children(fault) : children}
        {error !== undefined && !isAtField && (
          <p role="alert" className={form.refused}>
            {reason}
          </p>
        )}
        <div className={form.buttons}>
          {!tells && (
            <Button variant="default" onClick={close} disabled={isAsked}>
              {t('dialog.cancel')}
            </Button>
          )}
          <Button type="submit" loading={isAsked} disabled={disabled} color={danger ? 'red' : undefined}>
            {name}
          </Button>
        </div>
      </form>
      <Unsaved is={isUnsaved} leaves={always} />
      {isLeaving && <Leave stay={() => setLeaving(false)} leave={close} />}
    </Modal>
  );
}
