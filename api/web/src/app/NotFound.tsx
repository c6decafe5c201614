import { Link } from '@tanstack/react-router';
import { MapPinOff } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { queries } from '../api/queries';
import { sessionQuery, useSession } from '../api/session';
import { Empty } from '../design/states';
import type { NavigationEntry } from './screen';

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

/** The screen is there, but not for this role. Where they have just been given another one, that is asked. */
export function NotYours({ name }: Pick<NavigationEntry, 'name'>) {
  const { t } = useTranslation('app');
  const { viewer } = useSession();
  useEffect(() => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey }), []);
  return (
    <Empty isAll icon={MapPinOff} title={t('notYours.title')} action={<Link to="/">{t('notFound.home')}</Link>}>
      {t('notYours.why', { screen: t(`screens.${name}`), role: t(`role.${viewer.role}`) })}
    </Empty>
  );
}
