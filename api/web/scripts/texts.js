// The texts of the app: `types` writes the types of their keys, `check` holds the four languages against each other and against the
// source. A text lives beside what shows it: <folder>/texts/{en,de,et,es}.json; the folder's name is its namespace.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const LANGUAGES = ['en', 'de', 'et', 'es'];
const PLURAL = /_(zero|one|two|few|many|other)$/;

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((path) => join('src', path));
const folders = files.filter((path) => path.endsWith('texts/en.json')).map((path) => dirname(path));
const nameOf = (folder) => basename(dirname(folder));

function flat(tree, before = '') {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[before + key, value]] : flat(value, `${before}${key}.`),
  );
}

function read(folder, language) {
  const path = join(folder, `${language}.json`);
  try {
    return new Map(flat(JSON.parse(readFileSync(path, 'utf8'))));
  } catch (error) {
    throw new Error(`${path}: ${error.message}`);
  }
}

/** Words that a language shares with English: {"de": ["status"]} in texts/same.json. */
function shared(folder) {
  return files.includes(join(folder, 'same.json')) ? JSON.parse(readFileSync(join(folder, 'same.json'), 'utf8')) : {};
}

const placeholders = (text) =>
  [...text.matchAll(/{{\s*(\w+)|<(\w+)/g)]
    .map((match) => match[1] ?? match[2])
    .sort()
    .join(' ');

/** What the source says: whole keys, and beginnings of keys that are put together (`status.${…}`). */
function said() {
  const [keys, beginnings] = [new Set(), new Set()];
  for (const path of files.filter((one) => /\.tsx?$/.test(one) && !one.includes('/generated/'))) {
    const source = readFileSync(path, 'utf8');
    for (const [, key] of source.matchAll(/['"]([\w-]+(?::|\.)[\w.:-]+|[\w-]+)['"]/g)) keys.add(key);
    for (const [, beginning] of source.matchAll(/`([\w-]*:?[\w.-]*\.)\$\{/g)) beginnings.add(beginning);
    for (const [, beginning] of source.matchAll(/`([\w-]+:)\$\{/g)) beginnings.add(beginning);
  }
  return { keys, beginnings };
}

function faultsOf(folder, { keys, beginnings }) {
  const [name, faults] = [nameOf(folder), []];
  const texts = new Map(LANGUAGES.map((language) => [language, read(folder, language)]));
  const same = shared(folder);
  const english = texts.get('en');
  for (const [key, text] of english) {
    const bare = key.replace(PLURAL, '');
    const used = [bare, `${name}:${bare}`].some((one) => keys.has(one) || [...beginnings].some((beginning) => one.startsWith(beginning)));
    if (!used) faults.push(`${folder}: nothing says "${key}"`);
    for (const language of LANGUAGES.slice(1)) {
      const translated = texts.get(language).get(key);
      if (translated === undefined) faults.push(`${folder}/${language}.json: "${key}" is missing`);
      else if (placeholders(translated) !== placeholders(text))
        faults.push(`${folder}/${language}.json: "${key}" has other placeholders than English`);
      else if (translated === text && /\p{L}{2}/u.test(text.replace(/{{.*?}}/g, '')) && !(same[language] ?? []).includes(key))
        faults.push(`${folder}/${language}.json: "${key}" is as in English (if it has to be, name it in same.json)`);
    }
  }
  for (const language of LANGUAGES) {
    for (const [key, text] of texts.get(language)) {
      if (!english.has(key)) faults.push(`${folder}/${language}.json: English has no "${key}"`);
      if (text.trim() === '') faults.push(`${folder}/${language}.json: "${key}" is empty`);
    }
    for (const key of same[language] ?? []) {
      if (texts.get(language).get(key) !== english.get(key)) faults.push(`${folder}/same.json: "${key}" differs in ${language}`);
    }
  }
  return faults;
}

function writeTypes() {
  const rows = folders.map((folder) => `  ${JSON.stringify(nameOf(folder))}: typeof import('../../${folder.slice(4)}/en.json');`);
  mkdirSync('src/i18n/generated', { recursive: true });
  writeFileSync('src/i18n/generated/texts.ts', `export interface Texts {\n${rows.join('\n')}\n}\n`);
}

if (process.argv[2] === 'types') {
  writeTypes();
} else {
  const source = said();
  const faults = folders.flatMap((folder) => faultsOf(folder, source));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
}
