import { ActionIcon } from '@mantine/core';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import css from './board.module.css';

/** What stands beside the board. */
export function Side({ title, close, children }: { title: string; close: () => void; children: ReactNode }) {
  const { t } = useTranslation('board');
  return (
    <section className={css.side} aria-label={title}>
      <header className={css.sideHead}>
        <h2>{title}</h2>
        <ActionIcon variant="subtle" color="gray" aria-label={t('close')} onClick={close}>
          <X size={16} aria-hidden />
        </ActionIcon>
      </header>
      {children}
    </section>
  );
}
