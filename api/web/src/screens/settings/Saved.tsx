// A part of the settings: fields, why they were not taken, and a button that is there for who may.
import { Alert, Button } from '@mantine/core';
import '@mantine/core/styles/Alert.layer.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Unsaved } from '../../app/Unsaved';
import { sayDone } from '../../app/undo';
import { Panel } from '../../design/Panel';
import { useReason } from '../../design/states';
import css from './settings.module.css';

interface SavedProps {
  title: string;
  why?: string;
  /** Does it with what stands in the fields. */
  save: (fields: FormData) => Promise<unknown>;
  said: string;
  may: boolean;
  children: ReactNode;
  /** Fields are emptied once it is done: passwords. */
  forgets?: boolean;
}

export function Saved({ title, why, save, said, may, children, forgets = false }: SavedProps) {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const saving = useMutation({ mutationFn: save });
  const [isTyped, setTyped] = useState(false);
  const reason = useReason(saving.error);
  return (
    <Panel title={title}>
      <form
        className={css.form}
        onInput={() => setTyped(true)}
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          saving.mutate(new FormData(form), {
            onSuccess: () => {
              setTyped(false);
              sayDone({ said });
              if (forgets) form.reset();
              void queries.invalidateQueries();
            },
          });
        }}
      >
        {why && <p className="muted">{why}</p>}
        <fieldset disabled={!may} className={css.fields}>
          {children}
        </fieldset>
        {saving.error && (
          <Alert color="red" variant="light" role="alert">
            {reason}
          </Alert>
        )}
        {may ? (
          <div>
            <Button type="submit" loading={saving.isPending}>
              {t('save')}
            </Button>
          </div>
        ) : (
          <p className="muted">{t('onlyAdmins')}</p>
        )}
      </form>
      <Unsaved is={isTyped} />
    </Panel>
  );
}

export const textOf = (fields: FormData, name: string): string => {
  const value = fields.get(name);
  return typeof value === 'string' ? value.trim() : '';
};
