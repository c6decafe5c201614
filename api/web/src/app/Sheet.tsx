// All of one thing beside the list that it stands in.
import { Drawer } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Drawer.layer.css';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export function Sheet({ title, size = 460, close, children }: { title: string; size?: number; close: () => void; children: ReactNode }) {
  const { t } = useTranslation('design');
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size={size}
      title={title}
      closeButtonProps={{ 'aria-label': t('dialog.close') }}
      transitionProps={{ duration: 120 }}
    >
      {children}
    </Drawer>
  );
}
