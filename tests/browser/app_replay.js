// Looking back: any screen as it was, by link, by hand, by keys and as a film; and the activity that leads there.
import assert from 'node:assert/strict';
import { addJob, ask, enter, furnish } from './app.js';
import { appUrl, open, shot, signUp } from './kilter.js';

const kadri = { company: 'Saar Täppistööd', name: 'Kadri Saar', email: 'kadri@example.com' };
const errors = 'userErrors { code field message }';
const SEEN_MS = 1_000;
const PATIENCE_MS = 20_000;

const frame = (page) => page.getByRole('region', { name: 'An earlier moment' });
const slider = (page) => page.getByRole('slider', { name: 'Moment' });
const shownAt = async (page) => Number(await slider(page).getAttribute('aria-valuenow'));
const late = (page, number) => page.locator('#late').getByRole('link', { name: number, exact: true });
const pause = (ms) => new Promise((over) => setTimeout(over, ms));

/** What the floor was like, and since when it is not any more. */
async function history(page) {
  await furnish(page);
  await pause(1_200);
  const then = new Date().toISOString();
  await pause(1_200);
  await ask(page, `mutation { changeMachineStatus(input: { machineCode: "LATHE-2", status: AVAILABLE }) { ${errors} } }`);
  await addJob(page, 'J-9', 'Bearing housing');
  return then;
}

/** As of a moment nothing is there that came later, and nothing comes. */
async function asItWas(page, other, then) {
  await page.goto(`${appUrl}/?at=${then}`);
  await frame(page).waitFor();
  await page.getByText('spindle bearing is noisy').waitFor();
  await late(page, 'J-1').waitFor();
  assert.equal(await late(page, 'J-9').count(), 0, 'what came later is not there');
  await addJob(other, 'J-10', 'Bearing housing');
  await pause(1_500);
  assert.equal(await late(page, 'J-10').count(), 0, 'nothing comes while somebody looks back');
  await shot(page, 'app-as-of');
  await page.setViewportSize({ width: 1280, height: 800 });
  // From screen to screen the moment stays, and there is nothing to be done.
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Board' }).click();
  await page.getByRole('heading', { name: 'Board', level: 1 }).waitFor();
  await frame(page).waitFor();
  assert.match(page.url(), /[?&]at=/);
  assert.equal(await page.getByRole('button', { name: 'Auto-schedule' }).count(), 0, 'nobody plans what was');
  await page.goBack();
  await late(page, 'J-1').waitFor();
}

/** The link that is copied names a position, and shows a colleague the same. */
async function sent(page, other) {
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /[?&]at=\d+$/);
  await other.goto(link);
  await frame(other).waitFor();
  await other.getByText('spindle bearing is noisy').waitFor();
  assert.equal(await late(other, 'J-9').count(), 0);
  const [mine, theirs] = await Promise.all([page, other].map((one) => one.locator('[data-as-of]').getAttribute('data-as-of')));
  assert.equal(theirs, mine, 'the same place in history');
  await other.goto(`${appUrl}/`);
}

async function byKeys(page) {
  const before = await shownAt(page);
  await slider(page).focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await page.waitForFunction((at) => Number(document.querySelector('[data-scrubber]').getAttribute('aria-valuenow')) < at, before);
  await page.keyboard.press('l');
  // LATHE-2 broke down before.
  await page.keyboard.press('End');
  await page.keyboard.press('[');
  await page.getByRole('status').filter({ hasText: 'Machine down LATHE-2' }).waitFor();
  assert.match(page.url(), /[?&]at=\d+/);
  await page.getByText('spindle bearing is noisy').waitFor();
  await page.keyboard.press('[');
  await page.getByRole('status').filter({ hasText: 'There is no further mark' }).waitFor();
}

/** Keys are quicker than answers: what is not known yet is waited for, and each key begins where the one before has led. */
async function byQuickKeys(page, then) {
  const slow = async (route) => {
    if (route.request().postData()?.includes('activityDensity')) await pause(1_000);
    await route.fallback().catch(() => undefined); // The page may have gone on meanwhile.
  };
  await page.route('**/graphql', slow);
  await page.goto(`${appUrl}/?at=${then}`);
  await slider(page).waitFor();
  await page.keyboard.press('[');
  await page.getByRole('status').filter({ hasText: 'Machine down LATHE-2' }).waitFor();
  await slider(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press(']');
  await page.keyboard.press('[');
  await page.keyboard.press(']');
  await page.keyboard.press(']');
  await page.getByRole('status').filter({ hasText: 'There is no further mark' }).waitFor();
  assert.match(page.url(), /[?&]at=\d+$/, 'it stands at the mark');
  await page.getByText('spindle bearing is noisy').waitFor();
  await page.unrouteAll({ behavior: 'wait' });
}

async function byHand(page) {
  const box = await page.locator('[data-scrubber]').boundingBox();
  await page.mouse.move(box.x + box.width - 4, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 8 });
  await page.mouse.up();
  await page.waitForFunction(() => {
    const line = document.querySelector('[data-scrubber]');
    const [from, until, now] = ['min', 'max', 'now'].map((name) => Number(line.getAttribute(`aria-value${name}`)));
    return Math.abs((now - from) / (until - from) - 0.5) < 0.01;
  });
  // Before anything had happened.
  await page.getByText('Nothing is late').waitFor();
}

/** It is played until now, and shows on its way what came. */
async function asAFilm(page, then) {
  await page.goto(`${appUrl}/?at=${then}`);
  await late(page, 'J-1').waitFor();
  await page.getByLabel('Speed').selectOption('1');
  await page.keyboard.press('k');
  await late(page, 'J-9').waitFor({ timeout: 15_000 });
  await page.getByRole('button', { name: 'Pause' }).click();
  const stopped = await shownAt(page);
  await pause(1_500);
  assert.equal(await shownAt(page), stopped, 'it stands still');
  await page.keyboard.press('h');
  await frame(page).waitFor({ state: 'detached' });
  await late(page, 'J-10').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
}

async function activity(page, other) {
  await page.goto(`${appUrl}/activity`);
  const rows = page.locator('[data-position]');
  await rows.first().waitFor();
  await page.getByText('Machine LATHE-2 is down: spindle bearing is noisy').first().waitFor();
  await page.getByLabel('Of what').selectOption('MACHINE');
  await page.waitForURL(/kind=MACHINE/);
  await page.waitForFunction(() => ![...document.querySelectorAll('[data-position]')].some((row) => row.textContent.includes('Job J-')));
  await ask(
    other,
    `mutation { changeMachineStatus(input: { machineCode: "LATHE-2", status: MAINTENANCE, reason: "new belt" }) { ${errors} } }`,
  );
  const began = Date.now();
  const news = rows.filter({ hasText: 'new belt' });
  await news.first().waitFor({ timeout: PATIENCE_MS });
  const seenMs = Date.now() - began;
  await shot(page, 'app-activity');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.reload();
  await news.first().waitFor();
  assert.equal(await page.getByLabel('Of what').inputValue(), 'MACHINE', 'the address keeps what is shown');
  await news
    .first()
    .getByRole('link', { name: /As it was then/ })
    .click();
  await frame(page).waitFor();
  assert.match(page.url(), /[?&]at=\d+/);
  await page.getByText('new belt').waitFor();
  await page.goto(`${appUrl}/activity?from=2001-01-01&until=2001-01-02`);
  await page.getByText('Nothing fits', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Show everything' }).click();
  await rows.first().waitFor();
  return seenMs;
}

/** Picture by picture: the one that is chosen is the moment of every screen. */
async function pictures(page) {
  await page.goto(`${appUrl}/replay?every=minute`);
  await page.waitForFunction(() => document.querySelectorAll('[data-picture]').length === 12);
  const last = page.locator('[data-picture]').last();
  const at = await last.getAttribute('data-picture');
  await page.locator(`[data-picture="${at}"]`).click();
  await frame(page).waitFor();
  await page.locator(`[data-picture="${at}"][aria-current=page]`).waitFor();
  await shot(page, 'app-replay');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Today' }).click();
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  assert.ok(decodeURIComponent(page.url()).includes(`at=${at}`), `the moment stays: ${page.url()}`);
}

/** What can't be looked at says so, and what makes no sense is as if it were not there. */
async function nowhere(page) {
  await page.goto(`${appUrl}/?at=2099-01-01T00:00:00Z`);
  await page.getByText('That is still to come').waitFor();
  await frame(page).getByRole('button', { name: 'Back to now' }).click();
  await late(page, 'J-9').waitFor();
  await page.goto(`${appUrl}/?at=yesterday`);
  await late(page, 'J-9').waitFor();
  assert.equal(await frame(page).count(), 0);
}

export async function replay(browser) {
  const [one, two] = [await open(browser, { permissions: ['clipboard-read', 'clipboard-write'] }), await open(browser)];
  await signUp(one.page, kadri);
  await enter(one.page, kadri.email);
  await one.page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  const then = await history(one.page);
  await late(one.page, 'J-9').waitFor();
  await enter(two.page, kadri.email);
  await asItWas(one.page, two.page, then);
  await sent(one.page, two.page);
  await byKeys(one.page);
  await byQuickKeys(one.page, then);
  await byHand(one.page);
  await asAFilm(one.page, then);
  const seenMs = await activity(one.page, two.page);
  assert.ok(seenMs <= 3 * SEEN_MS, `a line came after ${seenMs} ms`);
  await pictures(one.page);
  await nowhere(one.page);
  assert.deepEqual([one.violations, two.violations], [[], []]);
  await Promise.all([one.context.close(), two.context.close()]);
  return `as of, sent, by keys, by hand, as a film; a line of activity after ${seenMs} ms`;
}
