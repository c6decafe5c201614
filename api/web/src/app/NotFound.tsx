import { Link } from '@tanstack/react-router';
import { MapPinOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../design/states';

/** Nothing is at this address. */
export function NotFound() {
  const { t } = useTranslation('app');
  return (
    <main>
      <Empty isAll icon={MapPinOff} title={t('notFound.title')} action={<Link to="/">{t('notFound.home')}</Link>}>
        {t('notFound.why', { path: location.pathname })}
      </Empty>
    </main>
  );
}
