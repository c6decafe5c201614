// The camera of the terminal: what is held to it is read as a scanner would read it, also without network; it is let go on every way out; and who
// sees no picture is told why. Headless Chromium has no reader of its own: what reads here is ours, from the binary, under the page's policy.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, enter } from './app.js';
import { cut, obstacles, settled } from './app_access.js';
import { TABLET, button, codeFor, furnishFloor, roomy, scan, until } from './app_terminal.js';
import { code128, code39, film } from './codes.js';
import { appUrl, launch, open, port, shot, signUp, url } from './kilter.js';

const peeter = { company: 'Sepa Mehaanika', name: 'Peeter Sepp', email: 'sepp@example.com' };
const errors = 'userErrors { code field message }';
const DEVICE = '--use-fake-device-for-media-stream';

/** Their badges, by the API. */
async function waysIn(admin) {
  const { operators } = await ask(admin, '{ operators(first: 10) { edges { node { id code } } } }');
  for (const { node: { id, code } } of operators.edges) {
    await ask(admin, `mutation($id: ID!, $badge: String!) { registerBadge(input: { operatorId: $id, badge: $badge }) { ${errors} } }`, { id, badge: `B-${code}` });
  }
}

/** A tablet whose cameras are counted: those that were opened, and those that still run. */
async function tablet(browser, options = {}) {
  const opened = await open(browser, { ...TABLET, ...options });
  opened.page.on('request', (request) => opened.violations.push(...(new URL(request.url()).origin === appUrl ? [] : [`asked ${request.url()}`])));
  await opened.page.addInitScript(() => {
    window.cameras = [];
    if (!navigator.mediaDevices) return;
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wishes) => {
      const stream = await real(wishes);
      window.cameras.push(...stream.getTracks());
      return stream;
    };
  });
  return opened;
}

const view = (page) => page.getByRole('dialog');
const running = (page) => page.evaluate(() => window.cameras.filter(({ readyState }) => readyState === 'live').length);
const seeing = (page) => page.locator('video[data-seeing]').waitFor();

async function isLetGo(page, opened) {
  await view(page).waitFor({ state: 'detached' });
  assert.deepEqual([await running(page), await page.evaluate(() => window.cameras.length)], [0, opened], 'cameras that run, and that were opened');
}

/** A code, a badge and job numbers are held to the camera; so is the badge of the next. */
async function reads(admin, page, show) {
  await page.goto(`${appUrl}/terminal`);
  await page.getByRole('heading', { name: 'Pair this tablet' }).waitFor();
  show(code128(await codeFor(admin)));
  await button(page, 'Scan code').click();
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await isLetGo(page, 1);
  show(code128('B-OP1'));
  await button(page, 'Scan badge').click();
  await page.getByRole('heading', { name: 'Otto Kask', level: 1 }).waitFor();
  await isLetGo(page, 2);
  show(code39('4713'));
  await button(page, 'Another job').click();
  await button(page, 'Scan number').click();
  await page.getByRole('button', { name: /20 · Deburr/ }).waitFor();
  await button(page, 'Back').click();
  await button(page, 'Another job').click();
  for (const number of ['9999', '9998', '9998']) {
    show(code39(number));
    await button(page, 'Scan number').click();
    await view(page).waitFor({ state: 'detached' });
    await page.getByText(`There is no job ${number}.`).waitFor();
    assert.equal(await page.getByLabel(/Number of the job/).inputValue(), number);
    await page.getByLabel(/Number of the job/).fill('');
  }
  show(code128('B-OP2'));
  await button(page, 'Scan number').click();
  await page.getByRole('heading', { name: 'Ben Saar', level: 1 }).waitFor();
  await isLetGo(page, 7);
  await button(page, 'Done').click();
}

/** Nobody has such a badge. */
async function refuses(page, show) {
  show(code128('B-ZZ9'));
  await button(page, 'Scan badge').click();
  await page.getByText('That is not right').waitFor();
  await isLetGo(page, 8);
  assert.ok(await button(page, 'Scan badge').evaluate((one) => one === document.activeElement), 'the focus is back');
}

/** What reads is in the tablet: a badge is read with the page loaded anew, and no network. */
async function withoutNetwork(page, show) {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until('the reader is kept', () => page.evaluate(async () => {
    const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return kept.flat().some(({ url }) => url.endsWith('.wasm'));
  }));
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText('No network', { exact: true }).waitFor();
  show(code128('B-OP2'));
  await button(page, 'Scan badge').click();
  await page.getByRole('heading', { name: 'Ben Saar', level: 1 }).waitFor();
  await page.context().setOffline(false);
  await button(page, 'Done').click();
  await page.getByText('Connected', { exact: true }).waitFor({ timeout: 40_000 });
}

/** Every way out lets the camera go, and the focus is where it was. */
async function letsGo(page, show) {
  show(undefined);
  await page.reload();
  const ways = {
    Cancel: () => button(page, 'Cancel').click(),
    Escape: () => page.keyboard.press('Escape'),
    hidden: () => page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
      delete document.hidden;
    }),
  };
  let opened = 0;
  for (const [way, out] of Object.entries(ways)) {
    await button(page, 'Scan badge').click();
    await seeing(page);
    assert.equal(await running(page), 1);
    const { height } = await button(page, 'Cancel').boundingBox();
    assert.ok(height >= 72, `Cancel is ${height} high`);
    await out();
    opened += 1;
    await isLetGo(page, opened);
    assert.ok(await button(page, 'Scan badge').evaluate((one) => one === document.activeElement), `the focus is back after ${way}`);
  }
  // Somebody uses the scanner all the same, and hands over by it.
  await scan(page, 'B-OP1');
  await button(page, 'Another job').click();
  await button(page, 'Scan number').click();
  await seeing(page);
  await scan(page, 'B-OP2');
  await page.getByRole('heading', { name: 'Ben Saar', level: 1 }).waitFor();
  await isLetGo(page, opened + 1);
  await button(page, 'Done').click();
}

/** Nothing is read: after a while it says what helps, and after a minute it is over. */
async function findsNothing(page) {
  await page.clock.install();
  await page.goto(`${appUrl}/terminal`);
  await button(page, 'Scan badge').click();
  await page.getByText('Hold the code in the frame').waitFor();
  await seeing(page);
  await look(page, 'seeing');
  await page.clock.fastForward(21_000);
  await page.getByText('Nothing read yet').waitFor();
  await look(page, 'slow');
  await page.clock.fastForward(40_000);
  await view(page).waitFor({ state: 'detached' });
  assert.equal(await running(page), 0);
}

/** In both themes: nothing that keeps anybody out, nothing too small for a glove. */
async function look(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settled(page);
    assert.deepEqual(await obstacles(page), [], `${name}, ${colorScheme}`);
    await roomy(page);
    await shot(page, `terminal-scan-${name}-${colorScheme}`);
    await page.setViewportSize(TABLET.viewport);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Why there is no picture, as browsers say it. */
async function faults(browser, refusing, sees) {
  const says = async (from, name, words, before) => {
    const { context, page, violations } = await tablet(from);
    await before?.(page);
    await page.goto(`${appUrl}/terminal`);
    await button(page, 'Scan code').click();
    await page.getByRole('alert').getByText(words).waitFor();
    await look(page, name);
    assert.deepEqual(violations, [], name);
    return { context, page };
  };
  const none = await says(browser, 'none', 'There is no camera');
  const refused = await says(refusing, 'refused', 'The camera is not allowed here');
  const busy = await says(sees, 'busy', 'The camera does not start', (page) => page.addInitScript(() => {
    const real = navigator.mediaDevices.getUserMedia;
    let isFirst = true;
    navigator.mediaDevices.getUserMedia = async (wishes) => {
      if (!isFirst) return real(wishes);
      isFirst = false;
      throw new DOMException('Could not start video source', 'NotReadableError');
    };
  }));
  await button(busy.page, 'Try again').click();
  await seeing(busy.page);
  await Promise.all([none, refused, busy].map(({ context }) => context.close()));
}

/** What reads can't be loaded: that is said, the camera is let go, and with network it goes on. */
async function withoutReader(sees, show) {
  show(code128('AAAA-AAAA'));
  const { context, page } = await tablet(sees, { serviceWorkers: 'block' });
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto(`${appUrl}/terminal`);
  await button(page, 'Scan code').click();
  await page.getByRole('alert').getByText('Codes can’t be read here').waitFor();
  assert.equal(await running(page), 0);
  await look(page, 'reader');
  await page.unroute('**/*.wasm');
  await button(page, 'Try again').click();
  await page.getByText('This code is wrong, used or over').waitFor();
  await isLetGo(page, 2);
  await context.close();
}

/** Over plain http there is no camera for pages, and no button that promises one. */
async function insecure(browser) {
  const { context, page } = await open(browser, TABLET);
  await page.goto(`http://evil.test:${port}/terminal`);
  await page.getByRole('heading', { name: 'Pair this tablet' }).waitFor();
  assert.equal(await page.evaluate(() => isSecureContext), false);
  assert.equal(await page.getByRole('button', { name: /Scan/ }).count(), 0);
  await context.close();
}

/** The page of the terminal may run WebAssembly, as Kilter serves it; no other page of the app may, and none may make text a script. */
async function onlyThere(browser) {
  if (appUrl !== url) return;
  const { context, page } = await open(browser);
  // The pages as they are, not what the app makes of them.
  await page.route('**/assets/*.js', (route) => route.abort());
  const may = async (path) => {
    await page.goto(`${url}${path}`);
    return page.evaluate(async () => {
      const compiles = await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => true, () => false);
      const script = document.createElement('script');
      script.textContent = 'window.isLetIn = true';
      document.head.append(script);
      return [compiles, window.isLetIn === true];
    });
  };
  assert.deepEqual([await may('/terminal'), await may('/wall'), await may('/terminal/x')], [[true, false], [false, false], [false, false]]);
  await context.close();
}

/** Two fifths longer, nothing is cut off: upright, lying, and on a phone. */
async function inLongerWords(sees, show) {
  show(undefined);
  const { context, page } = await tablet(sees);
  for (const viewport of [{ width: 1280, height: 800 }, { width: 800, height: 1280 }, { width: 390, height: 700 }]) {
    await page.setViewportSize(viewport);
    await page.goto(`${appUrl}/terminal?lang=qps`);
    await page.locator('form button').nth(1).click();
    await seeing(page);
    await settled(page);
    assert.deepEqual(await cut(page), [], `cut off, ${viewport.width}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `as wide as the screen, ${viewport.width}`);
    await roomy(page);
    await page.keyboard.press('Escape');
  }
  await context.close();
}

export async function camera(browser) {
  const folder = mkdtempSync(join(tmpdir(), 'kilter-camera-'));
  const path = join(folder, 'held.y4m');
  const show = (bars) => film(path, bars);
  show(undefined);
  const sees = await launch([DEVICE, '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${path}`]);
  const refusing = await launch([DEVICE]);
  try {
    const admin = await open(browser);
    await signUp(admin.page, peeter);
    await enter(admin.page, peeter.email);
    await furnishFloor(admin.page);
    await waysIn(admin.page);
    const { context, page, violations } = await tablet(sees);
    await reads(admin.page, page, show);
    await refuses(page, show);
    await withoutNetwork(page, show);
    await letsGo(page, show);
    await findsNothing(page);
    await faults(browser, refusing, sees);
    await withoutReader(sees, show);
    await inLongerWords(sees, show);
    await insecure(browser);
    await onlyThere(browser);
    assert.deepEqual([admin.violations, violations], [[], []]);
    await Promise.all([admin.context.close(), context.close()]);
  } finally {
    await Promise.all([sees.close(), refusing.close()]);
    rmSync(folder, { recursive: true });
  }
}
