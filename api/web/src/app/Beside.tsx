// What opens over or beside the screen: a job, the palette, the keys. Each is fetched when it is first wanted.
import { UnstyledButton } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type ComponentType, lazy, Suspense, useEffect, useRef, useState } from 'react';
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
  const ready = useRef<ComponentType<{ close: () => void }>>(Palette);
  const [Open, setOpen] = useState<ComponentType<{ close: () => void }>>();
  const close = () => setOpen(undefined);
  const find = () => setOpen(() => ready.current);
  useEffect(() => {
    // There when it is wanted: what is typed right after Ctrl K belongs to it. What is lazy would be waited for even then, a third of a second.
    const load = async () => {
      const [{ default: loaded }] = await Promise.all([loadPalette(), i18next.loadNamespaces(['palette', 'design'])]);
      ready.current = loaded;
    };
    const timer = setTimeout(() => void load(), 500);
    return () => clearTimeout(timer);
  }, []);
  useKeys([
    { keys: 'mod+k', does: t('keys.find'), run: find },
    { keys: '?', does: t('keys.help'), run: () => setOpen(() => KeysHelp) },
  ]);
  return (
    <>
      <UnstyledButton className={css.find} onClick={find} aria-keyshortcuts="Control+K">
        <Search size={16} aria-hidden />
        <span>{t('find')}</span>
        <kbd aria-hidden>{/Mac|iP/.test(navigator.platform) ? '⌘ K' : 'Ctrl K'}</kbd>
      </UnstyledButton>
      <Suspense>
        {job !== undefined && (
          <Job number={job} close={() => void navigate({ to: '.', search: ({ job: _, ...rest }) => rest, resetScroll: false })} />
        )}
      </Suspense>
      <Suspense>{Open && <Open close={close} />}</Suspense>
    </>
  );
}
