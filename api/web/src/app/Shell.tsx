// What is around every screen: where one can go, how old the data is, who is in.
import { Link, Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session';
import { Beside } from './Beside';
import { DoneLine } from './DoneLine';
import { FreshnessMark, StaleBanner } from './Freshness';
import css from './Shell.module.css';
import type { NavigationEntry } from './screen';
import { useTargets } from './targets';

const PersonMenu = lazy(() => import('./PersonMenu'));

function Navigation() {
  const { t } = useTranslation('app');
  const targets = useTargets();
  return (
    <nav className={css.navigation} aria-label={t('navigation')}>
      <ul>
        {targets.map(({ to, nav }) => (
          <li key={to}>
            <Link to={to} className={css.target} activeProps={{ 'aria-current': 'page' }} activeOptions={{ exact: to === '/' }}>
              <nav.icon size={18} strokeWidth={1.75} aria-hidden />
              <NavigationName nav={nav} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NavigationName({ nav }: { nav: NavigationEntry }) {
  const { t } = useTranslation('app');
  return <span className={css.name}>{t(`screens.${nav.name}`)}</span>;
}

export function Shell() {
  const { t } = useTranslation('app');
  const { company } = useSession();
  return (
    <div className={css.shell}>
      <a href="#content" className={css.skip}>
        {t('skip')}
      </a>
      <header className={css.top}>
        <Link to="/" className={css.brand} aria-label={t('home', { company: company.name })}>
          <KilterSign />
          <span className={css.company}>{company.name}</span>
        </Link>
        <div className={css.right}>
          <FreshnessMark />
          <Beside />
          <Suspense fallback={<span className={css.person} />}>
            <PersonMenu />
          </Suspense>
        </div>
      </header>
      <Navigation />
      <main id="content" tabIndex={-1} className={css.content}>
        <StaleBanner />
        <Outlet />
      </main>
      <DoneLine />
    </div>
  );
}

function KilterSign() {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--k-accent)" />
      <g fill="var(--k-on-accent)">
        <rect x="6" y="8" width="13" height="4.5" rx="1.5" />
        <rect x="11" y="14" width="15" height="4.5" rx="1.5" opacity=".82" />
        <rect x="8" y="20" width="9" height="4.5" rx="1.5" opacity=".62" />
      </g>
    </svg>
  );
}
