// The pages where people come in, in the language of their browser or the one they choose; refusals too.
import assert from 'node:assert/strict';
import { open, shot, url } from './kilter.js';

const SAID = {
  de: ['Anmelden', 'Adresse oder Passwort stimmt nicht.'],
  et: ['Logi sisse', 'Aadress või parool ei ole õige.'],
  es: ['Iniciar sesión', 'La dirección o la contraseña no es correcta.'],
};

async function inTheirOwn(browser, language) {
  const { context, page, violations } = await open(browser, { locale: `${language}-${language.toUpperCase()}` });
  const [title, refused] = SAID[language];
  await page.goto(`${url}/sign-in`);
  await page.getByRole('heading', { name: title }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), language);
  assert.match(await page.title(), new RegExp(`^${title} · Kilter$`));
  await shot(page, `sign-in-${language}`);
  await page.locator('#sign-in [name=email]').fill(`nobody@${language}.test`);
  await page.locator('#sign-in [name=password]').fill('not the password');
  await page.locator('#sign-in form button').click();
  await page.getByText(refused).waitFor();
  for (const path of ['sign-up', 'forgot-password', 'cookies', 'providers', 'invitation#nothing']) {
    await page.goto(`${url}/${path}`);
    await page.waitForFunction((language) => document.documentElement.lang === language, language);
    await shot(page, `${path.replace(/\W.*/, '')}-${language}`);
  }
  assert.deepEqual(violations, []);
  await context.close();
}

async function chosen(browser) {
  const { context, page } = await open(browser);
  await page.goto(`${url}/sign-in?lang=et`);
  await page.getByRole('heading', { name: 'Logi sisse' }).waitFor();
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  await page.goto(`${url}/forgot-password`);
  await page.getByRole('heading', { name: 'Passwort vergessen?' }).waitFor();
  await context.close();
}

export async function languages(browser) {
  for (const language of Object.keys(SAID)) await inTheirOwn(browser, language);
  await chosen(browser);
  return 'German, Estonian, Spanish; another one is chosen on the page and kept';
}
