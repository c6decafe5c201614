import { Avatar, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import '@mantine/core/styles/Avatar.layer.css';
import '@mantine/core/styles/Popover.layer.css';
import '@mantine/core/styles/Menu.layer.css';
import { LogOut, Moon, Sun, SunMoon, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { signOut, useSession } from '../api/session';
import { LANGUAGES, type Language } from '../i18n';
import { useLikes } from './likes';
import css from './PersonMenu.module.css';

const SCHEMES = [
  ['light', Sun],
  ['dark', Moon],
  ['auto', SunMoon],
] as const;

/** Who is in, and what is theirs: account, look, language, sign-out. */
export default function PersonMenu() {
  const { t, i18n } = useTranslation('app');
  const { viewer } = useSession();
  const { chooseLanguage, choseLook } = useLikes();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = viewer.name ?? t('person.unnamed');
  return (
    <Menu position="bottom-end" width={240} shadow="md" transitionProps={{ duration: 100 }}>
      <Menu.Target>
        <UnstyledButton className={css.person} aria-label={t('person.menu', { name })}>
          <Avatar size={28} name={name} color="initials" variant="light" aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={css.who}>
          <strong>{name}</strong>
          <span className="muted">{t(`role.${viewer.role}`)}</span>
        </div>
        <Menu.Item component="a" href="/account" leftSection={<UserRound size={16} aria-hidden />}>
          {t('person.account')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('look.title')}</Menu.Label>
        {SCHEMES.map(([scheme, Icon]) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => {
              setColorScheme(scheme);
              choseLook();
            }}
          >
            {t(`look.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t('language')}</Menu.Label>
        {Object.entries(LANGUAGES).map(([language, called]) => (
          <Menu.Item
            key={language}
            lang={language}
            role="menuitemradio"
            aria-checked={i18n.language === language}
            onClick={() => chooseLanguage(language as Language)}
          >
            {called}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={() => void signOut()}>
          {t('person.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
