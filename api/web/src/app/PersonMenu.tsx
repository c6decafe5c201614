import { Popover, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import '@mantine/core/styles/Popover.layer.css';
import { Link } from '@tanstack/react-router';
import { LogOut, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session';
import { LANGUAGES, type Language } from '../i18n';
import { useLikes } from './likes';
import css from './PersonMenu.module.css';
import { useSignOut } from './useSignOut';

const SCHEMES = ['light', 'dark', 'auto'] as const;

/** The first letters of the first and the last word. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toLocaleUpperCase();
}

/** Who is in, and what is theirs: account, look, language, sign-out. */
export default function PersonMenu() {
  const { t, i18n } = useTranslation('app');
  const { viewer } = useSession();
  const { chooseLanguage, choseLook } = useLikes();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = viewer.name ?? t('person.unnamed');
  return (
    <Popover position="bottom-end" width={240} shadow="md" trapFocus withinPortal={false} transitionProps={{ duration: 100 }}>
      <Popover.Target>
        <UnstyledButton className={css.person} aria-label={t('person.menu', { name })}>
          <span className={css.initials} data-initials={initialsOf(name)} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('person.menu', { name })} className={css.menu}>
        <div className={css.who}>
          <strong>{name}</strong>
          <span className="muted">{t(`role.${viewer.role}`)}</span>
        </div>
        <Link to="/settings" className={css.item}>
          <UserRound size={16} aria-hidden />
          {t('person.account')}
        </Link>
        <fieldset>
          <legend>{t('look.title')}</legend>
          {SCHEMES.map((scheme) => (
            <label key={scheme} className={css.item}>
              <input
                type="radio"
                name="look"
                checked={colorScheme === scheme}
                onChange={() => {
                  setColorScheme(scheme);
                  choseLook();
                }}
              />
              {t(`look.${scheme}`)}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{t('language')}</legend>
          {Object.entries(LANGUAGES).map(([language, called]) => (
            <label key={language} lang={language} className={css.item}>
              <input
                type="radio"
                name="language"
                checked={i18n.language === language}
                onChange={() => chooseLanguage(language as Language)}
              />
              {called}
            </label>
          ))}
        </fieldset>
        <UnstyledButton className={css.item} onClick={() => void signOut()}>
          <LogOut size={16} aria-hidden />
          {t('person.signOut')}
        </UnstyledButton>
      </Popover.Dropdown>
    </Popover>
  );
}
