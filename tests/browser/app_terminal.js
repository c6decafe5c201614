// The shop-floor terminal: paired once, people come in by PIN and badge, do their work, go on without network, and read what was refused.
import assert from 'node:assert/strict';
import { ask, enter } from './app.js';
import { cut, obstacles, settled } from './app_access.js';
import { appUrl, open, shot, signUp } from './kilter.js';

const tiiu = { company: 'Kadaka Metall', name: 'Tiiu Kadakas', email: 'kadakas@example.com' };
const errors = 'userErrors { code field message }';
export const PINS = { OP1: '1379', OP2: '2468' };
export const TABLET = { viewport: { width: 1280, height: 800 }, hasTouch: true, userAgent: 'Mozilla/5.0 (Linux; Android 15; Tablet) Chrome/140.0' };

/** Two people, a machine, and jobs that are theirs. */
export async function furnishFloor(page) {
  await ask(page, `mutation {
    a: createWorkCenter(input: { code: "TURN", name: "Turning" }) { ${errors} }
    b: registerMachine(input: { code: "LATHE-1", name: "Lathe with bar feeder", workCenterCode: "TURN" }) { ${errors} }
    c: registerMachine(input: { code: "LATHE-2", name: "Lathe", workCenterCode: "TURN" }) { ${errors} }
    d: registerOperator(input: { code: "OP1", name: "Otto Kask" }) { ${errors} }
    e: registerOperator(input: { code: "OP2", name: "Ben Saar" }) { ${errors} }
  }`);
  for (const [number, product, code] of [['4711', 'Spindle shaft', 'OP1'], ['4712', 'Bearing housing', 'OP1'], ['4713', 'Flange', 'OP2'], ['4714', 'Bolt', 'OP1']]) {
    const operations = [
      { number: 10, name: 'Turn', workCenterCode: 'TURN', instructions: 'Clamp by the collar.\nCheck the first piece with the gauge.' },
      { number: 20, name: 'Deburr', workCenterCode: 'TURN' },
    ];
    const input = { number, product, quantity: '40', due: '2027-01-05T08:00:00Z', notes: 'Customer checks every shaft.', operations };
    await ask(page, `mutation($input: CreateJobInput!) { createJob(input: $input) { ${errors} } }`, { input });
    await ask(page, `mutation { assignOperator(input: { jobNumber: "${number}", operation: 10, operatorCode: "${code}" }) { ${errors} } }`);
  }
}

const person = (page, name) => page.getByRole('button', { name: new RegExp(`^${name}`) });
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const task = (page, name, state) => page.locator(`[data-task="${name}"][data-state="${state}"]`);

async function pin(page, digits) {
  for (const digit of digits) await button(page, digit).click();
  await button(page, 'Come in').click();
}

export async function comeIn(page, name, digits) {
  await person(page, name).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  await pin(page, digits);
  await button(page, 'Done').waitFor();
}

/** As a scanner types it: at once, with Enter, wherever the focus is. */
export async function scan(page, text) {
  await page.evaluate((keys) => {
    for (const key of keys) (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  }, [...text, 'Enter']);
}

/** What the server knows of an operation. */
async function known(admin, number, operation = 10) {
  const { job } = await ask(admin, `{ job(number: "${number}") { operations { number status good scrap finishedAt } } }`);
  return job.operations.find((one) => one.number === operation);
}

export async function until(what, holds) {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((over) => setTimeout(over, 200));
  }
  assert.fail(`${what}: it did not come so far`);
}

/** A code is made in the app and typed on the tablet. */
async function pairing(admin, page) {
  await page.goto(`${appUrl}/terminal`);
  await page.getByRole('heading', { name: 'Pair this tablet' }).waitFor();
  await shot(page, 'terminal-pair');
  await page.setViewportSize(TABLET.viewport);
  await page.getByLabel('Code').fill('AAAA-AAAA');
  await button(page, 'Pair tablet').click();
  await page.getByText('This code is wrong, used or over').waitFor();
  // As its own camera app opens what it has scanned; whoever holds it still says yes.
  const code = await codeInTheApp(admin);
  await page.goto(`${appUrl}/terminal#pair=${code.toLowerCase()}`);
  await page.waitForURL((address) => address.hash === '');
  assert.equal(await page.getByLabel('Code').inputValue(), code);
  await button(page, 'Pair tablet').click();
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await admin.getByRole('button', { name: 'It is paired' }).click();
  await admin.getByText('Mill 3').waitFor();
}

/** A code as somebody makes it: under Members. */
async function codeInTheApp(admin) {
  await admin.goto(`${appUrl}/members`);
  await admin.getByRole('button', { name: 'Pair a tablet' }).click();
  await admin.getByLabel('Where does it stand?').fill('Mill 3');
  await admin.getByRole('button', { name: 'Make code' }).click();
  await admin.getByText('Scan or type this code').waitFor();
  await admin.getByRole('img', { name: 'The code as a picture for a camera' }).waitFor();
  await shot(admin, 'terminal-code');
  await admin.setViewportSize({ width: 1280, height: 800 });
  return admin.locator('code').textContent();
}

/** A PIN and a badge as somebody sets them: beside a person. */
export async function waysIn(admin) {
  for (const [code, digits] of Object.entries(PINS)) {
    await admin.goto(`${appUrl}/people?person=${code}`);
    await admin.getByRole('button', { name: 'Set PIN' }).click();
    const dialog = admin.getByRole('dialog', { name: /^PIN of/ });
    await dialog.getByLabel(/^PIN/).fill('1111');
    await dialog.getByRole('button', { name: 'Set PIN' }).click();
    await dialog.getByText(/can't be one digit repeated/i).waitFor();
    await dialog.getByLabel(/^PIN/).fill(digits);
    await dialog.getByRole('button', { name: 'Set PIN' }).click();
    await admin.getByText('has a new PIN').waitFor();
  }
  await admin.getByRole('button', { name: 'Register badge' }).click();
  const dialog = admin.getByRole('dialog', { name: /^Badge of/ });
  await dialog.getByLabel(/^Badge/).fill('B-4711');
  await dialog.getByRole('button', { name: 'Register badge' }).click();
  await admin.getByRole('button', { name: 'Remove badge' }).waitFor();
  await shot(admin, 'terminal-person');
  await admin.setViewportSize({ width: 1280, height: 800 });
}

export async function codeFor(admin) {
  return (await ask(admin, `mutation { makePairingCode(input: { name: "Mill 3" }) { code ${errors} } }`)).makePairingCode.code;
}

/** Start, count, finish with scrap: by touch. */
async function works(admin, page) {
  await shot(page, 'terminal-who');
  await page.setViewportSize(TABLET.viewport);
  await person(page, 'Otto Kask').click();
  await pin(page, '1111');
  await page.getByText('That is not right').waitFor();
  await shot(page, 'terminal-pin');
  await page.setViewportSize(TABLET.viewport);
  await page.keyboard.type('1379', { delay: 120 });
  await page.keyboard.press('Enter');
  await task(page, '4711/10', 'ready').waitFor();
  await shot(page, 'terminal-queue');
  await page.setViewportSize(TABLET.viewport);
  await button(page, 'Start').click();
  await task(page, '4711/10', 'mine').waitFor();
  await until('it runs', async () => (await known(admin, '4711')).status === 'RUNNING');
  await button(page, 'Count').click();
  await button(page, '1').click();
  await button(page, '2').click();
  await button(page, 'Count and go on').click();
  await until('it was counted', async () => (await known(admin, '4711')).good === '12');
  await task(page, '4711/10', 'mine').getByText('12 of 40').waitFor();
  await shot(page, 'terminal-running');
  await page.setViewportSize(TABLET.viewport);
  await button(page, 'Pause').click();
  await shot(page, 'terminal-pause');
  await page.setViewportSize(TABLET.viewport);
  await button(page, 'Material is missing').click();
  await until('it is paused', async () => (await known(admin, '4711')).status === 'PAUSED');
  await button(page, 'Go on').click();
  await until('it runs again', async () => (await known(admin, '4711')).status === 'RUNNING');
  await finishes(page);
  await until('it is finished', async () => (await known(admin, '4711')).status === 'FINISHED');
  const { good, scrap } = await known(admin, '4711');
  assert.deepEqual([good, scrap], ['38', '2']);
}

/** 26 good and 2 scrap, with why. */
async function finishes(page) {
  await button(page, 'Finish').click();
  await button(page, '2').click();
  await button(page, '6').click();
  await page.locator('[data-amount=scrap]').click();
  await button(page, '2').click();
  await button(page, 'Finish').click();
  await page.getByText('Say why something was lost').waitFor();
  await shot(page, 'terminal-finish');
  await page.setViewportSize(TABLET.viewport);
  await button(page, 'Size is off').click();
  await button(page, 'Finish').click();
}

/** Nothing that is pressed is smaller than a glove needs. */
export async function roomy(page) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, a[href], input')]
      .filter((one) => one.checkVisibility())
      .map((one) => ({ text: one.textContent || one.getAttribute('aria-label'), box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 56 || box.height < 56)
      .map(({ text, box }) => `${text} ${Math.round(box.width)}×${Math.round(box.height)}`));
  assert.deepEqual(small, [], 'touch targets');
}

/** Two people work without network, the page is loaded anew in between; all of it arrives, once, and what was refused is read. */
async function withoutNetwork(admin, page) {
  const { context } = { context: page.context() };
  await task(page, '4712/10', 'ready').waitFor();
  await page.waitForFunction(() => navigator.serviceWorker?.controller || navigator.serviceWorker?.ready);
  await context.setOffline(true);
  await page.getByText('No network.', { exact: true }).waitFor();
  await button(page, 'Start').click();
  await task(page, '4712/10', 'mine').waitFor();
  await page.getByText('1 kept here').waitFor();
  await shot(page, 'terminal-offline');
  await page.setViewportSize(TABLET.viewport);
  await page.reload();
  await task(page, '4712/10', 'mine').waitFor();
  await button(page, 'Done').click();
  await comeIn(page, 'Ben Saar', PINS.OP2);
  await page.getByText('Your work is not known here').waitFor();
  await button(page, 'Done').click();
  // Meanwhile somebody blocks the job elsewhere.
  await ask(admin, `mutation { blockJob(input: { jobNumber: "4712", reason: "drawing is wrong", cause: QUALITY }) { ${errors} } }`);
  await comeIn(page, 'Otto Kask', PINS.OP1);
  await task(page, '4712/10', 'mine').waitFor();
  await button(page, 'Finish').click();
  await button(page, '40 pcs left: all good').click();
  await button(page, 'Finish').click();
  await page.getByText('2 kept here').waitFor();
  await button(page, 'Done').click();
  await page.getByText('2 to send').waitFor();
  await context.setOffline(false);
  await page.getByText('2 not done').waitFor({ timeout: 40_000 });
  await comeIn(page, 'Ben Saar', PINS.OP2);
  await task(page, '4713/10', 'ready').waitFor();
  assert.equal(await page.getByText('were not done').count(), 0, 'that is not his');
  await button(page, 'Done').click();
  await comeIn(page, 'Otto Kask', PINS.OP1);
  await page.getByText('2 things were not done').waitFor();
  await page.getByText('The job is blocked').first().waitFor();
  await shot(page, 'terminal-refused');
  await page.setViewportSize(TABLET.viewport);
  await button(page, 'I have seen it').click();
  await page.getByText('2 things were not done').waitFor({ state: 'detached' });
  await ask(admin, `mutation { resumeJob(input: { jobNumber: "4712" }) { ${errors} } }`);
}

/** Started and finished without network: it arrives once, at the times at which it was done. */
async function arrives(admin, page) {
  await page.context().setOffline(true);
  await button(page, 'Another job').click();
  await page.getByLabel(/Number of the job/).fill('4714');
  await button(page, 'Find job').click();
  await page.getByRole('button', { name: /10 · Turn/ }).click();
  await button(page, 'Lathe LATHE-2').click();
  await button(page, 'Start').click();
  await task(page, '4714/10', 'mine').waitFor();
  const began = Date.now();
  await new Promise((over) => setTimeout(over, 2_000));
  await button(page, 'Finish').click();
  await button(page, '40 pcs left: all good').click();
  await button(page, 'Finish').click();
  await task(page, '4714/10', 'mine').waitFor({ state: 'detached' });
  await page.context().setOffline(false);
  await page.getByText('Connected', { exact: true }).waitFor({ timeout: 40_000 });
  await until('it arrived', async () => (await known(admin, '4714')).status === 'FINISHED');
  const { good, finishedAt } = await known(admin, '4714');
  assert.equal(good, '40');
  assert.ok(Math.abs(Date.parse(finishedAt) - began - 2_000) < 4_000, `finished at ${finishedAt}`);
}

/** What nobody has planned for them is begun by its number; paused, it is still theirs to go on with. */
async function beyondThePlan(page) {
  await scan(page, '4713');
  await page.getByRole('button', { name: /20 · Deburr/ }).click();
  await button(page, 'Lathe LATHE-2').click();
  await button(page, 'Start').click();
  await task(page, '4713/20', 'mine').waitFor();
  await page.getByText('Connected', { exact: true }).waitFor();
  await button(page, 'Pause').click();
  await button(page, 'Break').click();
  await task(page, '4713/20', 'paused').waitFor();
  await page.reload();
  await task(page, '4713/20', 'paused').waitFor();
  await button(page, 'Go on').click();
  await task(page, '4713/20', 'mine').waitFor();
  await button(page, 'Finish').click();
  await button(page, '40 pcs left: all good').click();
  await button(page, 'Finish').click();
  await task(page, '4713/20', 'mine').waitFor({ state: 'detached' });
}

async function machineStops(admin, page) {
  await button(page, 'Machine stopped').click();
  await button(page, 'Lathe with bar feeder LATHE-1').click();
  await button(page, 'Breakdown').click();
  await shot(page, 'terminal-stop');
  await page.setViewportSize(TABLET.viewport);
  await button(page, 'It stands').click();
  await until('it stands', async () => (await ask(admin, '{ machines(first: 5) { edges { node { code status reason } } } }')).machines.edges
    .some(({ node }) => node.code === 'LATHE-1' && node.status === 'DOWN' && node.reason === 'Breakdown'));
  await button(page, 'Done').click();
}

/** The tablet is an hour slow: it says so, and tells the right times. */
async function wrongClock(browser, admin) {
  const { context, page, violations } = await open(browser, TABLET);
  await page.clock.install({ time: Date.now() - 3_600_000 });
  await page.goto(`${appUrl}/terminal`);
  await page.getByLabel('Code').fill(await codeFor(admin));
  await button(page, 'Pair tablet').click();
  await page.getByText('This tablet’s clock is 1h slow.').waitFor();
  await comeIn(page, 'Ben Saar', PINS.OP2);
  await button(page, 'Start').click();
  await until('it began now', async () => {
    const { job } = await ask(admin, '{ job(number: "4713") { startedAt } }');
    return job.startedAt !== null && Math.abs(Date.parse(job.startedAt) - Date.now()) < 60_000;
  });
  await shot(page, 'terminal-clock');
  // Whoever walks off hands it back by that.
  await page.clock.fastForward(105_000);
  await page.getByText(/This tablet is handed back in/).waitFor();
  await page.clock.fastForward(20_000);
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  assert.deepEqual(violations, []);
  await context.close();
}

/** Nothing keeps anybody out, in both themes; nothing is cut off in longer words. */
async function looks(page) {
  const all = {
    who: async () => undefined,
    pin: () => person(page, 'Otto Kask').click(),
    queue: async () => {
      await page.keyboard.type(PINS.OP1, { delay: 120 });
      await page.keyboard.press('Enter');
      await page.locator('[data-task]').first().waitFor();
    },
    task: () => page.locator('button[data-task], [data-task] > button').first().click(),
    finish: async () => {
      await page.getByRole('button', { name: /^(Start|Go on)$/ }).click();
      await button(page, 'Finish').click();
      await page.locator('[data-amount=scrap]').click();
      await button(page, '2').click();
    },
    pause: async () => {
      await button(page, 'Back').click();
      await button(page, 'Pause').click();
      await button(page, 'Something else').click();
    },
    find: async () => {
      await button(page, 'Back').click();
      await button(page, 'Another job').click();
    },
    stop: async () => {
      await button(page, 'Back').click();
      await button(page, 'Machine stopped').click();
    },
  };
  let looked = 0;
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(`${appUrl}/terminal`);
    for (const [name, show] of Object.entries(all)) {
      await show();
      await settled(page);
      const focused = await page.evaluate(() => document.activeElement?.tagName);
      // What is typed with a keyboard begins at the heading, or in the field that was asked for.
      const [at, place] = name === 'finish' ? ['BUTTON', 'what was pressed'] : ['find', 'pause'].includes(name) ? ['INPUT', 'the field'] : ['H1', 'the heading'];
      assert.equal(focused, at, `${name}: ${place} has the focus`);
      assert.deepEqual(await obstacles(page), [], `${name}, ${colorScheme}`);
      await roomy(page);
      await shot(page, `terminal-look-${name}-${colorScheme}`);
      await page.setViewportSize(TABLET.viewport);
      looked += 1;
    }
    await button(page, 'Back').click();
    await button(page, 'Pause').click();
    await button(page, 'Break').click();
    await button(page, 'Done').click();
  }
  return looked;
}

/** Two fifths longer, nothing of it is cut off: upright and lying. */
async function inLongerWords(page) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 800, height: 1280 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(viewport);
    await page.goto(`${appUrl}/terminal?lang=qps`);
    const whole = async (what) => {
      await settled(page);
      assert.ok((await page.locator('body').textContent()).includes('~'), `${what} is in the pseudo-language`);
      assert.deepEqual(await cut(page), [], `cut off: ${what}, ${viewport.width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} is as wide as the screen, ${viewport.width}`);
    };
    await whole('who');
    await person(page, 'Otto Kask').click();
    await whole('PIN');
    await page.keyboard.type(PINS.OP1, { delay: 120 });
    await page.keyboard.press('Enter');
    await page.locator('[data-task]').first().waitFor();
    await whole('queue');
    await roomy(page);
    await page.locator('button[data-task], [data-task] > button').first().click();
    await whole('task');
    await page.getByRole('banner').getByRole('button').click();
    await page.getByRole('button', { name: /^Otto Kask/ }).waitFor();
  }
  await page.setViewportSize(TABLET.viewport);
}

/** Who does not work here any more has left something unsent: it is said, told, and thrown away only when asked twice. */
async function leftBehind(admin, page) {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${appUrl}/terminal`);
  await person(page, 'Ben Saar').waitFor();
  await page.context().setOffline(true);
  await page.getByText('No network.', { exact: true }).waitFor();
  await comeIn(page, 'Ben Saar', PINS.OP2);
  // The list is as it was told here last: that he has begun elsewhere is not known.
  await task(page, '4713/10', 'ready').waitFor();
  await button(page, 'Start').click();
  await page.getByText('1 kept here').waitFor();
  await button(page, 'Done').click();
  await ask(admin, `mutation { deactivateOperator(input: { operatorCode: "OP2", reason: "works elsewhere" }) { ${errors} } }`);
  await page.context().setOffline(false);
  await page.getByText('1 thing of people who are not here any more').waitFor({ timeout: 40_000 });
  await shot(page, 'terminal-strays-who');
  await page.setViewportSize(TABLET.viewport);
  await comeIn(page, 'Otto Kask', PINS.OP1);
  await button(page, '1 thing of people who are not here any more').click();
  await page.getByText('Start 4713 · 10').waitFor();
  await settled(page);
  assert.deepEqual(await obstacles(page), [], 'strays');
  await roomy(page);
  await shot(page, 'terminal-strays');
  await page.setViewportSize(TABLET.viewport);
  await button(page, 'Throw away').click();
  await page.getByText('Start 4713 · 10').waitFor();
  await button(page, 'Throw away for good?').click();
  await page.getByText('There is nothing any more').waitFor();
  await button(page, 'Done').click();
}

/** Revoked while somebody is in: they are out, and so is the tablet. */
async function revoked(admin, page) {
  await page.goto(`${appUrl}/terminal`);
  await comeIn(page, 'Otto Kask', PINS.OP1);
  await admin.goto(`${appUrl}/members`);
  const revokes = admin.getByRole('button', { name: 'Revoke “Mill 3”' });
  for (let left = 2; left > 0; left -= 1) {
    await revokes.first().click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await admin.getByRole('dialog').waitFor({ state: 'detached' });
    await until('it is gone from the list', async () => (await revokes.count()) === left - 1);
  }
  await page.getByRole('heading', { name: 'Pair this tablet' }).waitFor({ timeout: 40_000 });
  assert.equal(await page.getByText('Otto Kask').count(), 0);
}

export async function terminal(browser) {
  const [admin, tablet] = [await open(browser), await open(browser, TABLET)];
  await signUp(admin.page, tiiu);
  await enter(admin.page, tiiu.email);
  await admin.page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  await furnishFloor(admin.page);
  await waysIn(admin.page);
  const { page } = tablet;
  await pairing(admin.page, page);
  await works(admin.page, page);
  await withoutNetwork(admin.page, page);
  await arrives(admin.page, page);
  await beyondThePlan(page);
  await machineStops(admin.page, page);
  await comeIn(page, 'Otto Kask', PINS.OP1);
  // A badge hands over also from within a field, and is not left in it.
  await button(page, 'Another job').click();
  await page.getByLabel(/Number of the job/).waitFor();
  await scan(page, 'B-4711');
  await page.getByRole('heading', { name: 'Ben Saar', level: 1 }).waitFor();
  await button(page, 'Done').click();
  const looked = await looks(page);
  await inLongerWords(page);
  await wrongClock(browser, admin.page);
  await leftBehind(admin.page, page);
  await revoked(admin.page, page);
  assert.deepEqual([admin.violations, tablet.violations], [[], []]);
  await Promise.all([admin.context.close(), tablet.context.close()]);
  return `${looked} looks, 0 obstacles`;
}
