// What opens over or beside the screen: a job, the palette, the keys. Each is fetched when it is first wanted.
import { UnstyledButton } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { i18next } from '../i18n';
import css from './Beside.module.css';
import { useKeys } from './keys';

const Job = lazy(() => import('../screens/job/Beside'));
const loadPalette = () => import('../palette/Palette');
const Palette = lazy(loadPalette);
const KeysHelp = lazy(() => import('./KeysHelp'));

export function Beside() {
  const { t } = useTranslation('app');
  const { job } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [open, setOpen] = useState<'palette' | 'keys'>();
  const close = () => setOpen(undefined);
  useEffect(() => {
    // There when it is wanted: what is typed right after Ctrl K belongs to it.
    const timer = setTimeout(() => void Promise.all([loadPalette(), i18next.loadNamespaces('palette')]), 500);
    return () => clearTimeout(timer);
  }, []);
  useKeys([
    { keys: 'mod+k', does: t('keys.find'), run: () => setOpen('palette') },
    { keys: '?', does: t('keys.help'), run: () => setOpen('keys') },
  ]);
  return (
    <>
      <UnstyledButton className={css.find} onClick={() => setOpen('palette')} aria-keyshortcuts="Control+K">
        <Search size={16} aria-hidden />
        <span>{t('find')}</span>
        <kbd aria-hidden>{/Mac|iP/.test(navigator.platform) ? '⌘ K' : 'Ctrl K'}</kbd>
      </UnstyledButton>
      <Suspense>
        {job !== undefined && (
          <Job number={job} close={() => void navigate({ to: '.', search: ({ job: _, ...rest }) => rest, resetScroll: false })} />
        )}
      </Suspense>
      <Suspense>
        {open === 'palette' && <Palette close={close} />}
        {open === 'keys' && <KeysHelp close={close} />}
      </Suspense>
    </>
  );
}
