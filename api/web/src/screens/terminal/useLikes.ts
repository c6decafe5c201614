// Language and look belong to the tablet: they are kept with what it keeps.
import { useMantineColorScheme } from '@mantine/core';
import { useEffect } from 'react';
import { i18next, LANGUAGES, type Language } from '../../i18n';
import { openStore } from './core/store';

const LOOKS = ['auto', 'light', 'dark'] as const;
export type Look = (typeof LOOKS)[number];
const isLook = (value: unknown): value is Look => LOOKS.some((look) => look === value);

const store = openStore();

/** As it was liked last, unless the address says otherwise. */
export function useLikes(): void {
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    void store.then(async (kept) => {
      const [language, look] = [await kept.get('language'), await kept.get('look')];
      if (isLook(look)) setColorScheme(look);
      const isAsked = new URLSearchParams(location.search).has('lang');
      if (!isAsked && language !== undefined && language in LANGUAGES) await i18next.changeLanguage(language);
    });
  }, [setColorScheme]);
}

export function likeLanguage(language: Language): void {
  void i18next.changeLanguage(language);
  void store.then((kept) => kept.set('language', language));
}

export function likeLook(look: Look): void {
  void store.then((kept) => kept.set('look', look));
}
