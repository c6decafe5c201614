// The pages where people come in are served by Kilter itself (api/src/http/pages); what they say is held against its translations here.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const PAGES = '../src/http/pages';
const read = (path: string) => readFileSync(path, 'utf8');
const files = (end: string) => readdirSync(PAGES).filter((name) => name.endsWith(end));
const hasWords = (text: string) => /\p{L}{2}/u.test(text) && text !== 'Kilter';

/** What a page of HTML says: its texts, the labels that are only heard, and what is filled in later. */
function said(html: string): string[] {
  const page = new DOMParser().parseFromString(html.replace(/<link[^>]*>/g, ''), 'text/html');
  for (const quiet of page.querySelectorAll('script, style, noscript')) quiet.remove();
  const texts: string[] = page.title.split(' · ');
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push((node.textContent ?? '').trim());
  for (const name of ['aria-label', 'data-title', 'data-filled']) {
    texts.push(...[...page.querySelectorAll(`[${name}]`)].map((one) => one.getAttribute(name) ?? ''));
  }
  return texts.filter(hasWords);
}

/** What a script says: `t("…")`, and constants whose values are said by `t(NAME[…])`. */
function saidBy(script: string): string[] {
  const direct = [...script.matchAll(/\b(?:t|spanned|around)\("((?:[^"\\]|\\.)+)"/g)].map((match) => match[1] ?? '');
  const tables = [...script.matchAll(/\bt\((AFTER|ROLES)\b/g)].map((match) => match[1] ?? '');
  const listed = tables.flatMap((name) => {
    const body = script.match(new RegExp(`const ${name} = \\{([^}]*)\\}`))?.[1] ?? '';
    return [...body.matchAll(/: "([^"]+)"/g)].map((match) => match[1] ?? '');
  });
  return [...direct, ...listed];
}

const spoken = new Set([
  ...files('.html').flatMap((name) => said(read(`${PAGES}/${name}`))),
  ...files('.js').flatMap((name) => saidBy(read(`${PAGES}/${name}`))),
  // What Kilter answers with, said by these pages.
  ...[...read('../src/cookies.rs').matchAll(/purpose: "([^"]+)"/g)].map((match) => match[1] ?? ''),
  ...['admin', 'manager', 'operator', 'auditor', 'necessary'],
]);

const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
const of = (language: string): { texts: Record<string, string>; refusals: Record<string, string> } =>
  JSON.parse(read(`${PAGES}/texts/${language}.json`));

it.each(['de', 'et', 'es'])('nothing is missing or said by nobody: %s', (language) => {
  const { texts } = of(language);
  expect(spoken.size).toBeGreaterThan(100);
  expect([...spoken].filter((text) => !(text in texts))).toEqual([]);
  expect(Object.keys(texts).filter((text) => !spoken.has(text))).toEqual([]);
  for (const [english, text] of Object.entries(texts)) expect(blanks(text), english).toEqual(blanks(english));
});

it('refusals are told in each language', () => {
  const [first, ...others] = ['de', 'et', 'es'].map((language) => Object.keys(of(language).refusals));
  for (const other of others) expect(other).toEqual(first);
  const codes = read('../../docs/API.md');
  for (const code of (first ?? []).filter((one) => /^[A-Z_]+$/.test(one))) expect(codes, code).toContain(code);
  const passwords = read('../../infra/src/identity/passwords.rs').replace('{LEAST_CHARACTERS}', '10');
  for (const words of (first ?? []).filter((one) => one.startsWith('the password'))) expect(passwords).toContain(words);
});
