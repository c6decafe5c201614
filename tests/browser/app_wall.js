// The andon wall: what changes is there at once, what is old says so, and nobody has to touch it.
import assert from 'node:assert/strict';
import { ask, enter, furnish } from './app.js';
import { appUrl, open, shot, signUp } from './kilter.js';

const priit = { company: 'Mets Metall', name: 'Priit Mets', email: 'priit@example.com' };
const errors = 'userErrors { code field message }';
const SEEN_MS = 1_000;
const PATIENCE_MS = 20_000;

const tile = (page, code) => page.locator(`[data-machine="${code}"]`);
const shows = (page, code, status, within = PATIENCE_MS) =>
  page.locator(`[data-machine="${code}"][data-status="${status}"]`).waitFor({ timeout: within });
const set = (page, code, status, reason) =>
  ask(page, `mutation($input: ChangeMachineStatusInput!) { changeMachineStatus(input: $input) { ${errors} } }`, {
    input: { machineCode: code, status, ...(reason && { reason }) },
  });

async function seen(page, other) {
  const times = [];
  for (const [status, reason] of [['AVAILABLE'], ['DOWN', 'chuck is stuck'], ['AVAILABLE'], ['DOWN', 'spindle bearing is noisy']]) {
    await set(other, 'LATHE-2', status, reason);
    const began = Date.now();
    await shows(page, 'LATHE-2', status);
    times.push(Date.now() - began);
  }
  return times;
}

/** Without network it is hatched and says since when; it comes back by itself, with what happened meanwhile. */
async function withoutNetwork(page, other) {
  await page.context().setOffline(true);
  await page.getByText('Not up to date').waitFor({ timeout: 20_000 });
  await page.getByText(/as it was at \d\d:\d\d/).waitFor();
  await shot(page, 'app-wall-stale');
  await page.setViewportSize({ width: 1280, height: 800 });
  await set(other, 'LATHE-2', 'AVAILABLE');
  await page.context().setOffline(false);
  await shows(page, 'LATHE-2', 'AVAILABLE', 20_000);
  await page.getByText('Not up to date').waitFor({ state: 'detached' });
}

/** A wall whose page came while Kilter starts: its questions are answered by what stands before it. */
async function beforeKilter(context) {
  const page = await context.newPage();
  await page.route('**/graphql', (route) => route.fulfill({ status: 503, body: 'starting' }));
  await page.goto(`${appUrl}/wall`);
  return page;
}

/** It says so, and comes by itself once Kilter is there. */
async function comesByItself(page) {
  await page.getByText('Kilter was not reached').waitFor({ timeout: 40_000 });
  await page.unroute('**/graphql');
  await tile(page, 'LATHE-2').waitFor({ timeout: 40_000 });
  await page.close();
}

/** Calls for help that can't be read are not none: the wall says so, hatches what it shows, and asks again. */
async function callsUnknown(page) {
  const isCalls = (route) => route.request().postData()?.includes('query OpenCalls');
  const limited = { status: 429, contentType: 'application/json', body: JSON.stringify({ errors: [{ message: 'too often', extensions: { code: 'RATE_LIMITED' } }] }) };
  await page.route('**/graphql', (route) => (isCalls(route) ? route.fulfill(limited) : route.fallback()));
  await page.reload();
  await page.locator('[data-calls="unknown"]').waitFor();
  await page.getByText('Not up to date').waitFor({ timeout: 20_000 });
  await shot(page, 'app-wall-calls-unknown');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.unroute('**/graphql');
  await page.locator('[data-calls]').waitFor({ state: 'detached', timeout: 30_000 });
  await page.getByText('Not up to date').waitFor({ state: 'detached' });
}

async function pages(page, other) {
  await ask(other, `mutation {
    a: createWorkCenter(input: { code: "MILL", name: "Milling", area: "Hall 2" }) { ${errors} }
    b: registerMachine(input: { code: "MILL-1", name: "Mill", workCenterCode: "MILL" }) { ${errors} }
  }`);
  await page.goto(`${appUrl}/wall`);
  await tile(page, 'MILL-1').waitFor();
  await tile(page, 'LATHE-1').waitFor();
  await page.goto(`${appUrl}/wall?areas=hall 2,TURN&every=3`);
  for (const [here, there] of [['MILL-1', 'LATHE-1'], ['LATHE-1', 'MILL-1'], ['MILL-1', 'LATHE-1']]) {
    await tile(page, here).waitFor();
    assert.equal(await tile(page, there).count(), 0, 'one area on a page');
  }
  await page.goto(`${appUrl}/wall?areas=Hall 9`);
  await page.getByText('There is no machine in Hall 9').waitFor();
}

export async function wall(browser) {
  const [one, two] = [await open(browser, { viewport: { width: 1280, height: 800 } }), await open(browser)];
  await signUp(one.page, priit);
  await enter(one.page, priit.email);
  await one.page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  await furnish(one.page);
  await enter(two.page, priit.email);
  await one.page.getByRole('link', { name: 'Wall' }).click();
  await shows(one.page, 'LATHE-1', 'RUNNING');
  await tile(one.page, 'LATHE-1').getByText('J-1').waitFor();
  await tile(one.page, 'LATHE-2').getByText('spindle bearing is noisy').waitFor();
  await one.page.getByText('1 late').waitFor();
  assert.equal(await one.page.getByRole('navigation').count(), 0, 'there is nothing but the floor');
  await shot(one.page, 'app-wall');
  await one.page.setViewportSize({ width: 1280, height: 800 });
  const times = await seen(one.page, two.page);
  assert.ok(Math.min(...times) <= SEEN_MS, `seen after ${times.join(', ')} ms`);
  const early = await beforeKilter(two.context);
  await one.page.reload();
  await shows(one.page, 'LATHE-2', 'DOWN');
  await withoutNetwork(one.page, two.page);
  await callsUnknown(one.page);
  await pages(one.page, two.page);
  await comesByItself(early);
  await one.page.mouse.move(200, 200);
  await one.page.getByRole('link', { name: 'Leave the wall' }).click();
  await one.page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  assert.deepEqual([one.violations, two.violations], [[], []]);
  await Promise.all([one.context.close(), two.context.close()]);
  return `a change on it after ${times.join(', ')} ms`;
}
