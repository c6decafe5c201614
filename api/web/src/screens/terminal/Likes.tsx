// In which language and how bright: for whoever stands before it.
import { useMantineColorScheme } from '@mantine/core';
import clsx from 'clsx';
import { Monitor, Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES, type Language } from '../../i18n';
import css from './terminal.module.css';
import { likeLanguage, likeLook } from './useLikes';

const LOOKS = { light: Sun, dark: Moon, auto: Monitor } as const;

export function Likes() {
  const { t, i18n } = useTranslation(['terminal', 'app']);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={css.likes}>
      <fieldset aria-label={t('app:language')}>
        {(Object.keys(LANGUAGES) as Language[]).map((language) => (
          <button
            key={language}
            type="button"
            lang={language}
            aria-pressed={i18n.language === language}
            className={clsx(i18n.language === language && css.chosen)}
            onClick={() => likeLanguage(language)}
          >
            {LANGUAGES[language]}
          </button>
        ))}
      </fieldset>
      <fieldset aria-label={t('app:look.title')}>
        {(['light', 'dark', 'auto'] as const).map((look) => {
          const Icon = LOOKS[look];
          return (
            <button
              key={look}
              type="button"
              aria-pressed={colorScheme === look}
              aria-label={t(`app:look.${look}`)}
              title={t(`app:look.${look}`)}
              className={clsx(colorScheme === look && css.chosen)}
              onClick={() => {
                setColorScheme(look);
                likeLook(look);
              }}
            >
              <Icon aria-hidden />
            </button>
          );
        })}
      </fieldset>
    </div>
  );
}
