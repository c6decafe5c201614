// Calls for help: from the tablet to everybody who watches and back, without network, on the wall and in the job.
import assert from 'node:assert/strict';
import { ask, enter } from './app.js';
import { cut, obstacles } from './app_access.js';
import { button, codeFor, comeIn, furnishFloor, PINS, TABLET, task, until, waysIn } from './app_terminal.js';
import { appUrl, open, shot, signUp } from './kilter.js';

const mati = { company: 'Rebase Metall', name: 'Mati Rebane', email: 'rebane@example.com' };
const SEEN_MS = 1_000;
const call = (page, name, state) => page.locator(`[data-call="${name}"][data-state="${state}"]`);

/** A moment after what was done: a second tap is no other one. */
const calm = (page) => page.locator('[aria-disabled="true"]').first().waitFor({ state: 'detached' });

async function calls(page, open) {
  const { andonCalls } = await ask(page, `{ andonCalls(first: 10, filter: { open: ${open} }) { edges { node { operation reason answeredBy { name } remedy machine { code } } } } }`);
  return andonCalls.edges.map(({ node }) => node);
}

/** Who is at work calls by two taps; the office sees it at once, wherever it is. */
async function isCalled(admin, page) {
  await admin.goto(`${appUrl}/machines`);
  await admin.getByRole('heading', { name: 'Machines', level: 1 }).waitFor();
  await button(page, 'Start').click();
  await task(page, '4711/10', 'mine').waitFor();
  await calm(page);
  await until('it runs', async () => (await ask(admin, '{ job(number: "4711") { status } }')).job.status === 'RUNNING');
  await button(page, 'Call for help').click();
  await shot(page, 'terminal-call');
  await page.setViewportSize(TABLET.viewport);
  const began = Date.now();
  await button(page, 'Tool or fixture').click();
  await admin.locator('[data-calls="1"]').waitFor();
  const took = Date.now() - began;
  await task(page, '4711/10', 'called').getByText('Nobody has answered yet').waitFor();
  await shot(page, 'terminal-called');
  await page.setViewportSize(TABLET.viewport);
  assert.deepEqual(await obstacles(page), []);
  assert.ok(took <= SEEN_MS, `the office saw it after ${took} ms`);
  return took;
}

/** The office answers by keyboard, from the mark on; the tablet is told. */
async function isAnswered(admin, page) {
  await admin.locator('[data-calls="1"]').focus();
  await admin.keyboard.press('Enter');
  const row = call(admin, '4711/10', 'open');
  await row.getByText('Tool or fixture').waitFor();
  for (const scheme of ['light', 'dark']) {
    await admin.emulateMedia({ colorScheme: scheme });
    await shot(admin, `app-calls-${scheme}`);
    assert.deepEqual(await obstacles(admin), [], scheme);
  }
  await admin.setViewportSize({ width: 390, height: 800 });
  assert.deepEqual(await cut(admin), []);
  await admin.setViewportSize({ width: 1280, height: 800 });
  await admin.getByRole('button', { name: 'I take care of it: 4711 · 10' }).focus();
  await admin.keyboard.press('Enter');
  await call(admin, '4711/10', 'answered').getByText('Mati Rebane is on it').waitFor();
  await task(page, '4711/10', 'called').getByText('Somebody is on the way').waitFor({ timeout: 30_000 });
}

/** It is over with what was done about it; who was at work goes on. */
async function isOver(admin, page) {
  await admin.getByRole('button', { name: 'Solved: 4711 · 10' }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByLabel('What was done about it').fill('new insert');
  await dialog.getByRole('button', { name: 'Solved' }).click();
  await admin.locator('[data-calls]').waitFor({ state: 'detached' });
  await task(page, '4711/10', 'paused').waitFor({ timeout: 30_000 });
  await button(page, 'Go on').click();
  await task(page, '4711/10', 'mine').waitFor();
  await calm(page);
  await until('it runs again', async () => (await ask(admin, '{ job(number: "4711") { status } }')).job.status === 'RUNNING');
  const [over] = await calls(admin, false);
  assert.deepEqual(over, { operation: 10, reason: 'Tool or fixture', answeredBy: { name: 'Mati Rebane' }, remedy: 'new insert', machine: over.machine });
}

/** Called and solved without network: both are sent, in their order. */
async function withoutNetwork(admin, page) {
  await page.context().setOffline(true);
  await button(page, 'Call for help').click();
  await button(page, 'Machine fault').click();
  await task(page, '4711/10', 'called').waitFor();
  await calm(page);
  await button(page, 'It is solved').click();
  await task(page, '4711/10', 'paused').waitFor();
  await page.context().setOffline(false);
  await until('both are on record', async () => (await calls(admin, false)).some(({ reason }) => reason === 'Machine fault'));
  assert.deepEqual(await calls(admin, true), []);
}

/** The machine that somebody chooses is the one that is named: for a call, without network, and for who goes on there. */
async function atTheOtherMachine(admin, page) {
  const other = button(page, 'Lathe LATHE-2');
  await calm(page);
  await page.locator('button[data-task="4712/10"]').click();
  await other.click();
  await button(page, 'Call for help').click();
  await button(page, 'Machine fault').click();
  await until('it is called there', async () => (await calls(admin, true))[0]?.machine?.code === 'LATHE-2');
  await calm(page);
  await task(page, '4712/10', 'called').getByRole('button', { name: 'It is solved' }).click();
  await until('it is solved', async () => (await calls(admin, true)).length === 0);
  await calm(page);
  await page.context().setOffline(true);
  await page.locator('button[data-task="4712/10"]').click();
  await other.click();
  await button(page, 'Start').click();
  await task(page, '4712/10', 'mine').getByText('Lathe', { exact: true }).waitFor();
  await page.context().setOffline(false);
  const atWork = async () => (await ask(admin, '{ job(number: "4712") { operations { number atWork { machine { code } } } } }')).job.operations[0].atWork;
  await until('it runs there', async () => (await atWork())[0]?.machine?.code === 'LATHE-2');
  await button(page, 'Pause').click();
  await button(page, 'Break').click();
  await until('nobody is at work', async () => (await atWork()).length === 0);
  await page.getByText('Connected', { exact: true }).waitFor();
  await calm(page);
  await page.locator('button[data-task="4712/10"][data-state="paused"]').click();
  await other.and(page.locator('[aria-pressed="true"]')).waitFor();
  await button(page, 'Back').click();
}

/** From the job: with its cause; on the wall it is seen before everything else; whoever called takes it back. */
async function fromTheJob(admin, wall) {
  await admin.goto(`${appUrl}/jobs/4712`);
  await admin.getByRole('button', { name: 'Call for help on 4712 · 10' }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByLabel('What is missing').selectOption('MACHINE');
  await dialog.getByRole('combobox').nth(1).selectOption('LATHE-2');
  await dialog.getByLabel('Reason').fill('chuck does not open');
  await dialog.getByRole('button', { name: 'Call for help' }).click();
  await wall.locator('[data-machine="LATHE-2"][data-call="open"]').getByText('chuck does not open').waitFor();
  await shot(wall, 'app-wall-call');
  await admin.getByText('chuck does not open', { exact: true }).waitFor();
  assert.deepEqual(await obstacles(admin), []);
  await shot(admin, 'app-job-call');
  await admin.getByRole('button', { name: 'Undo' }).click();
  await wall.locator('[data-machine="LATHE-2"]:not([data-call])').waitFor();
}

/** The company says how long calls wait: also never. */
async function minutes(admin) {
  const told = async () => (await ask(admin, '{ company { andonEscalatesAfterMinutes } }')).company.andonEscalatesAfterMinutes;
  for (const [typed, kept] of [['3', 3], ['', null]]) {
    await admin.goto(`${appUrl}/settings`);
    const field = admin.getByLabel('Minutes until a call for help escalates');
    await field.fill(typed);
    await admin.locator('form').filter({ has: field }).getByRole('button', { name: 'Save' }).click();
    await until(`it is ${kept}`, async () => (await told()) === kept);
  }
}

export async function andon(browser) {
  const [admin, tablet] = [await open(browser), await open(browser, TABLET)];
  await signUp(admin.page, mati);
  await enter(admin.page, mati.email);
  await admin.page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  await furnishFloor(admin.page);
  await waysIn(admin.page);
  const { page } = tablet;
  await page.goto(`${appUrl}/terminal`);
  await page.getByLabel('Code').fill(await codeFor(admin.page));
  await button(page, 'Pair tablet').click();
  await comeIn(page, 'Otto Kask', PINS.OP1);
  const took = await isCalled(admin.page, page);
  await isAnswered(admin.page, page);
  await isOver(admin.page, page);
  await withoutNetwork(admin.page, page);
  await atTheOtherMachine(admin.page, page);
  const wall = await admin.context.newPage();
  await wall.goto(`${appUrl}/wall`);
  await fromTheJob(admin.page, wall);
  await minutes(admin.page);
  assert.deepEqual([admin.violations, tablet.violations], [[], []]);
  await Promise.all([admin.context.close(), tablet.context.close()]);
  return `the office hears of a call within ${took} ms`;
}
