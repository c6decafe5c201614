// A served Kilter as the suite sees it: its pages in Chromium, its mails, and what has happened to it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chromium } from 'playwright-core';

/** Where people reach it: passkeys are bound to a name. */
export const url = process.env.KILTER_TEST_URL;
/** Where the app is served: by Kilter itself, or by Vite beside it (`KILTER_APP_URL`), whose host has to be the same: cookies are of a host. */
export const appUrl = process.env.KILTER_APP_URL ?? url;
export const port = new URL(url).port;
export const password = 'gears turn at dawn';

const screenshots = process.env.SCREENSHOTS;

/** Chromium with a profile of its own; other names lead to this machine too. `flags` for what else it shall pretend. */
export const launch = (flags = []) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP evil.test 127.0.0.1', ...flags,
    ],
  });

/** A person's browser window: what its pages may not do, and what no page may do, is kept in `violations`. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Tallinn', ...options });
  const violations = [];
  await context.exposeBinding('kilterViolation', (_, what) => violations.push(what));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      window.kilterViolation(`${event.violatedDirective} ${event.blockedURI} at ${event.documentURI}`));
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => violations.push(`${page.url()}: ${error}`));
  return { context, page, violations };
}

/** How many events Kilter has written so far. */
export async function appended() {
  const figures = await (await fetch(`${url}/metrics`)).text();
  return Number(figures.match(/^kilter_append_batch_events_sum (\S+)/m)[1]);
}

/** The mails that wait, oldest first. */
export const outbox = async () => (await fetch(`${url}/outbox`, { headers: { accept: 'application/json' } })).json();

/** The link of the newest mail of this kind. Mails are written beside the answers. */
export async function mailed(to, letter) {
  let mail;
  for (const until = Date.now() + 20_000; !mail && Date.now() < until; ) {
    mail = (await outbox()).findLast((one) => one.to === to && one.letter === letter);
  }
  assert.ok(mail, `no ${letter} to ${to}`);
  return mail.text.split('\n').find((line) => line.startsWith('http'));
}

/** The code of an app with this key, so many steps from now. */
export function codeOf(key, steps) {
  const bits = [...key.replace(/\s/g, '')].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'));
  const bytes = Buffer.from(bits.join('').match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', bytes).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** A company of this name, whose first admin has proved their address by the link of the mail. */
export async function signUp(page, { company, name, email }) {
  await page.goto(`${url}/sign-up`);
  await shot(page, 'sign-up');
  await page.locator('#sign-up [name=company]').fill(company);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#sign-up [name=name]').fill(name);
  await page.locator('#sign-up [name=email]').fill(email);
  await page.locator('#sign-up [name=password]').fill(password);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('We have sent you a mail').waitFor();
  await page.goto(await mailed(email, 'verify_address'));
  await page.locator('#verify [name=password]').fill(password);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Your address is confirmed').waitFor();
}

/** Types address and password; what comes next depends on the account. */
export async function typePassword(page, email) {
  await page.goto(`${url}/sign-in`);
  await page.locator('#sign-in [name=email]').fill(email);
  await page.locator('#sign-in [name=password]').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Waits until who signs in is in. */
export async function isIn(page) {
  await page.waitForURL((at) => at.pathname === '/' || at.pathname === '/account');
}

/** Waits until who signs in is in, and shows the account. */
export async function onAccount(page) {
  await isIn(page);
  if (new URL(page.url()).pathname !== '/account') await page.goto(`${new URL(page.url()).origin}/account`);
  await page.locator('#account[aria-busy=false]').waitFor();
}

export async function signOut(page) {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
}

/** A picture of the page, wide and narrow, for who wants to see it (SCREENSHOTS names a folder). */
export async function shot(page, name) {
  if (!screenshots) return;
  for (const [form, width, height] of [['wide', 1280, 800], ['narrow', 390, 844]]) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${screenshots}/${name}-${form}.png`, fullPage: true });
  }
}
