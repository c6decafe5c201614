// A dialog with a form: what is asked, why it was not done, and what does it.
import { Alert, Button, Modal } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import '@mantine/core/styles/Alert.layer.css';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import form from '../../design/form.module.css';
import { useReason } from '../../design/states';

interface AskProps {
  title: string;
  /** What stands on the button. */
  does: string;
  close: () => void;
  submit: (fields: Record<string, string>) => void;
  isBusy: boolean;
  error: unknown;
  children: ReactNode;
  color?: string;
}

export function Ask({ title, does, close, submit, isBusy, error, children, color }: AskProps) {
  const { t } = useTranslation('members');
  const reason = useReason(error);
  return (
    <Modal opened onClose={close} title={title} centered closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          const fields = [...new FormData(event.currentTarget)].map(([name, value]) => [name, typeof value === 'string' ? value : '']);
          submit(Object.fromEntries(fields));
        }}
      >
        {children}
        {error != null && (
          <Alert color="red" variant="light" role="alert">
            {reason}
          </Alert>
        )}
        <div className={form.buttons}>
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={isBusy} color={color}>
            {does}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
