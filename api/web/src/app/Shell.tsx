// What is around every screen: where one can go, how old the data is, who is in.
import { Link, Outlet, useMatches, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { usePast } from '../api/moment';
import { useRoleMay, useSession } from '../api/session';
import { LookBack } from '../past/LookBack';
import { PastProvider } from '../past/PastProvider';
import { Beside } from './Beside';
import { DoneLine } from './DoneLine';
import { FreshnessMark, StaleBanner } from './Freshness';
import { Navigation } from './Navigation';
import { NotYours } from './NotFound';
import { PendingScreen } from './PendingScreen';
import css from './Shell.module.css';

const CallsMark = lazy(() => import('../andon/CallsMark'));
const Frame = lazy(() => import('../past/Frame'));
const PersonMenu = lazy(() => import('./PersonMenu'));

/** What the address asks for, where the role of who is in sees it: a colleague's link may lead further than one's own navigation. */
function Screen() {
  const may = useRoleMay();
  const nav = useMatches({ select: (matches) => matches.at(-1)?.staticData.nav });
  return nav === undefined || may(nav.needs) ? <Outlet /> : <NotYours name={nav.name} />;
}

/** The screen, of now or in the frame of an earlier moment. From the one to the other it begins anew. */
function Content() {
  const past = usePast();
  if (past === undefined) {
    return (
      <>
        <StaleBanner />
        <Screen />
      </>
    );
  }
  return (
    <Suspense fallback={<PendingScreen />}>
      <Frame>
        <Screen />
      </Frame>
    </Suspense>
  );
}

export function Shell() {
  const { at } = useSearch({ strict: false });
  return (
    <PastProvider at={at}>
      <Around />
    </PastProvider>
  );
}

function Around() {
  const { t } = useTranslation('app');
  const { company } = useSession();
  const past = usePast();
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
          {past === undefined && (
            <Suspense>
              <CallsMark />
            </Suspense>
          )}
          {past === undefined && <FreshnessMark />}
          <LookBack />
          <Beside />
          <Suspense fallback={<span className={css.person} />}>
            <PersonMenu />
          </Suspense>
        </div>
      </header>
      <Navigation />
      <main id="content" tabIndex={-1} className={css.content}>
        <Content />
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
