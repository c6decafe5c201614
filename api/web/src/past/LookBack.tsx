import { ActionIcon } from '@mantine/core';
import { History } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { usePast } from '../api/moment';
import { useKeys } from '../app/keys';
import { useLook } from './useLook';

/** From any screen into its past, and out of it. */
export function LookBack() {
  const { t } = useTranslation('app');
  const past = usePast();
  const { lookBack, backToNow } = useLook();
  const [name, run] = past === undefined ? [t('past.lookBack'), lookBack] : [t('past.now'), backToNow];
  useKeys([{ keys: 'h', does: name, run }]);
  return (
    <ActionIcon
      variant={past === undefined ? 'default' : 'filled'}
      size={32}
      aria-label={name}
      aria-keyshortcuts="h"
      title={name}
      onClick={run}
    >
      <History size={16} aria-hidden />
    </ActionIcon>
  );
}
