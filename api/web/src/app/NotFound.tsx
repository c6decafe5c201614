import { Link } from '@tanstack/react-router';
import { MapPinOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../design/states';

/** Nothing is at this address: where there is nothing around it. */
export function NotFound() {
  return (
    <main>
      <Nothing />
    </main>
  );
}

/** The same with the navigation around it. */
export function Nothing() {
  const { t } = useTranslation('app');
  return (
    <Empty isAll icon={MapPinOff} title={t('notFound.title')} action={<Link to="/">{t('notFound.home')}</Link>}>
      {t('notFound.why', { path: location.pathname })}
    </Empty>
  );
}
