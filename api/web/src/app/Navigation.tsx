// Where one can go. On a telephone the first four have their names below, and "More" opens the rest.
import { Link, useLocation } from '@tanstack/react-router';
import clsx from 'clsx';
import { Ellipsis } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './Navigation.module.css';
import { type Target, useTargets } from './targets';

const FIRST = 4;

export function Navigation() {
  const { t } = useTranslation('app');
  const targets = useTargets();
  const { pathname } = useLocation();
  const [isOpen, setOpen] = useState(false);
  const nav = useRef<HTMLElement>(null);
  const rest = targets.slice(FIRST);
  // biome-ignore lint/correctness/useExhaustiveDependencies: wherever one has gone, the rest is closed
  useEffect(() => setOpen(false), [pathname]);
  useEffect(() => {
    if (!isOpen) return;
    const close = (event: Event) => {
      const isKey = event instanceof KeyboardEvent;
      if (isKey ? event.key !== 'Escape' : event.target instanceof Node && nav.current?.contains(event.target)) return;
      setOpen(false);
      if (isKey) nav.current?.querySelector('button')?.focus();
    };
    addEventListener('keydown', close);
    addEventListener('pointerdown', close);
    return () => {
      removeEventListener('keydown', close);
      removeEventListener('pointerdown', close);
    };
  }, [isOpen]);
  const isInRest = rest.some(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
  return (
    <nav ref={nav} className={css.navigation} aria-label={t('navigation')}>
      <ul className={clsx(isOpen && css.open)}>
        {targets.map((target, at) => (
          <li key={target.to} className={clsx(at >= FIRST && css.rest)}>
            <Place target={target} />
          </li>
        ))}
        {rest.length > 0 && (
          <li className={css.more}>
            <button
              type="button"
              className={css.target}
              aria-expanded={isOpen}
              data-here={isInRest || undefined}
              onClick={() => setOpen(!isOpen)}
            >
              <Ellipsis size={18} strokeWidth={1.75} aria-hidden />
              <span className={css.name}>{t('more')}</span>
            </button>
          </li>
        )}
      </ul>
    </nav>
  );
}

function Place({ target: { to, nav } }: { target: Target }) {
  const { t } = useTranslation('app');
  return (
    <Link to={to} className={css.target} activeProps={{ 'aria-current': 'page' }} activeOptions={{ exact: to === '/' }}>
      <nav.icon size={18} strokeWidth={1.75} aria-hidden />
      <span className={css.name}>{t(`screens.${nav.name}`)}</span>
    </Link>
  );
}
