// Every screen of the app in both themes: nothing that keeps somebody out (axe-core), and no text cut off in the pseudo-language, whose
// texts are two fifths longer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { enter, furnish } from './app.js';
import { appUrl, open, shot, signUp } from './kilter.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const maris = { company: 'Tamm & Pojad', name: 'Maris Tamm', email: 'maris@example.com' };

/** What is looked at: every screen of the navigation, and what opens over them. */
async function looks(page) {
  const paths = await page.locator('nav a[href]').evaluateAll((links) => links.map((link) => new URL(link.href).pathname));
  const over = (key) => async () => {
    await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
  };
  const clicked = (name) => async () => {
    await page.getByRole('button', { name: new RegExp(`^\\[?${name}|Édït`) }).first().click();
    await page.getByRole('dialog').waitFor();
  };
  return [
    ...[...new Set(paths)].map((path) => ({ name: path, path })),
    { name: 'a job beside', path: '/?job=J-1', open: () => page.getByRole('dialog').getByText('Spindle shaft').waitFor() },
    { name: 'a job', path: '/jobs/J-1', open: () => page.getByText('Spindle shaft').waitFor() },
    { name: 'a job edited', path: '/jobs/J-1', open: clicked('Edit') },
    { name: 'a new job', path: '/jobs/new' },
    { name: 'a person', path: '/people?person=17', open: () => page.getByRole('dialog').waitFor() },
    { name: 'a machine', path: '/machines?machine=LATHE-1', open: () => page.getByRole('dialog').waitFor() },
    { name: 'a work center', path: '/machines?center=TURN', open: () => page.getByRole('dialog').waitFor() },
    { name: 'the first plan', path: '/start' },
    { name: 'a file', path: '/import', open: () => page.getByRole('main').getByRole('button').last().click() },
    { name: 'the palette', path: '/', open: over('Control+k') },
    { name: 'the keys', path: '/', open: over('?') },
    { name: 'the menu', path: '/', open: () => page.getByRole('button', { name: /Maris Tamm/ }).click() },
    { name: 'an earlier moment', path: `/?at=${new Date().toISOString()}`, open: () => page.getByRole('slider').waitFor() },
    { name: 'a moment to come', path: '/board?at=2099-01-01T00:00:00Z', open: () => page.getByRole('heading', { level: 1 }).waitFor() },
    { name: 'nothing', path: '/there/is/nothing' },
  ];
}

/** Shown, and nothing of it on its way. */
export async function settled(page) {
  await page.locator('main, [role=main]').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy=true], [class*=skeleton]') === null);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
}

export async function obstacles(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`);
}

/** Texts of ours that do not fit where they stand, and those that nobody has made translatable. */
export const cut = (page) => page.evaluate(() => {
  const own = (element) => [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ textContent }) => textContent).join('');
  const seen = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 1;
  const fits = (element) => {
    for (let place = element; place && place !== document.body; place = place.parentElement) {
      if (['hidden', 'clip'].includes(getComputedStyle(place).overflowX) && place.scrollWidth > place.clientWidth + 1) return false;
    }
    return true;
  };
  return [...document.querySelectorAll('body *')].filter((element) => own(element).includes('~') && seen(element) && !fits(element)).map((element) => element.textContent);
});

/** Five places in the bar, each with its name; the last of them opens the others, and Escape closes them. */
async function reachesAllByTelephone(page) {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${appUrl}/`);
  await settled(page);
  const [bar, more] = [page.getByRole('navigation', { name: 'Screens' }), page.getByRole('button', { name: 'More', exact: true })];
  assert.equal(await bar.getByRole('link').count(), 4);
  await more.click();
  await bar.getByRole('link', { name: 'Settings' }).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await bar.getByRole('link').count(), 4);
  await more.click();
  await bar.getByRole('link', { name: 'Settings' }).click();
  await page.waitForURL(/settings/);
  await page.waitForFunction(() => document.querySelector('nav button')?.getAttribute('aria-expanded') === 'false');
}

export async function access(browser) {
  const { context, page, violations } = await open(browser, { reducedMotion: 'reduce' });
  await signUp(page, maris);
  await enter(page, maris.email);
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  await furnish(page);
  let looked = 0;
  const all = await looks(page);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const { name, path, open: opened } of all) {
      await page.goto(appUrl + path);
      await settled(page);
      await opened?.();
      await settled(page);
      assert.deepEqual(await obstacles(page), [], `${name}, ${colorScheme}`);
      await page.setViewportSize({ width: 390, height: 844 });
      // What hangs on a button follows it a moment later.
      const fits = page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, undefined, { timeout: 3_000 });
      assert.ok(await fits.catch(() => false), `${name} is scrolled sideways on a telephone`);
      await page.setViewportSize({ width: 1280, height: 800 });
      await shot(page, `app-access-${name.replace(/\W+/g, '-')}-${colorScheme}`);
      await page.setViewportSize({ width: 1280, height: 800 });
      looked += 1;
    }
  }
  for (const { name, path, open: opened } of all) {
    await page.goto(`${appUrl}${path}${path.includes('?') ? '&' : '?'}lang=qps`);
    await settled(page);
    await opened?.();
    await settled(page);
    assert.ok((await page.locator('body').textContent()).includes('~'), `${name} is in the pseudo-language`);
    assert.deepEqual(await cut(page), [], `cut off on ${name}`);
    await page.setViewportSize({ width: 390, height: 844 });
    const fits = page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, undefined, { timeout: 3_000 });
    assert.ok(await fits.catch(() => false), `${name} is scrolled sideways on a telephone in the pseudo-language`);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  await reachesAllByTelephone(page);
  assert.deepEqual(violations, []);
  await context.close();
  return `${looked} looks, 0 obstacles; ${all.length} in the pseudo-language, no text cut off`;
}
