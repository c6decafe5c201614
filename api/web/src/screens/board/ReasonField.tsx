import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Why something is done all the same: the plan's policy asks for it. */
export function ReasonField({ value, set }: { value: string; set: (value: string) => void }) {
  const { t } = useTranslation('board');
  return (
    <Textarea
      label={t('refused.reason')}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
      autosize
      minRows={2}
      data-autofocus
    />
  );
}
