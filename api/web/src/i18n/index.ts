// Texts in four languages. Each lives beside what shows it (<folder>/texts/<language>.json, whose folder is its namespace) and is loaded
// with it. `?lang=qps` shows English with accents and two fifths longer, for who looks for cut or forgotten texts.
import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { isolated } from './bidi';
import type { Texts } from './generated/texts';
import { pseudo } from './pseudo';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app';
    resources: Texts;
  }
}

export type Namespace = keyof Texts;

export interface Tree {
  [key: string]: string | Tree;
}

/** The languages by their own names, as people look for them. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', et: 'Eesti', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

const files = import.meta.glob<Tree>('../**/texts/{en,de,et,es}.json', { import: 'default' });

/** The file of a namespace in a language. */
function fileOf(language: string, namespace: string): (() => Promise<Tree>) | undefined {
  const end = `/${namespace}/texts/${language === 'qps' ? 'en' : language}.json`;
  const path = Object.keys(files).find((one) => one.endsWith(end));
  return path === undefined ? undefined : files[path];
}

/** Spanish counts millions by a form of its own, which is written as the others: "2 millones de piezas" is not said here. */
function withMany(tree: Tree): Tree {
  const all: Tree = {};
  for (const [key, value] of Object.entries(tree)) {
    all[key] = typeof value === 'string' ? value : withMany(value);
    if (key.endsWith('_other')) all[key.replace(/_other$/, '_many')] = value;
  }
  return all;
}

const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: async (language, namespace) => {
    const file = fileOf(language, namespace);
    if (file === undefined) throw new Error(`there are no texts of ${namespace} in ${language}`);
    const tree = await file();
    return language === 'qps' ? pseudo(tree) : withMany(tree);
  },
};

/** The first of the languages that people ask for which we speak. */
export function spoken(asked: readonly string[]): Language | undefined {
  return asked.map((one) => one.slice(0, 2).toLowerCase()).find((one): one is Language => one in LANGUAGES);
}

/** The tag that numbers and dates go by: English as it is written in Europe. */
export const localeOf = (language: string): string => (language === 'en' || language === 'qps' ? 'en-GB' : language);

/** Gets the app's first texts; what the address asks for goes before what was chosen, and that before what the browser says. */
export async function startTexts(chosen: string | undefined): Promise<void> {
  const inAddress = new URLSearchParams(location.search).get('lang');
  const language = inAddress === 'qps' ? 'qps' : spoken([inAddress, chosen, ...navigator.languages].filter((one) => one != null));
  i18next.on('languageChanged', (now) => {
    document.documentElement.lang = now === 'qps' ? 'en' : now;
  });
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: language ?? 'en',
      fallbackLng: false,
      ns: ['app', 'design'],
      defaultNS: 'app',
      // React escapes; here a name that is written from right to left is set apart.
      interpolation: { escapeValue: true, escape: isolated },
      returnNull: false,
    });
}

export { i18next };
