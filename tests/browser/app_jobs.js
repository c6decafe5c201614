// Jobs in the app: found in a list of any length, changed in place, created, edited by two at once, held and cancelled; nothing typed is lost.
import assert from 'node:assert/strict';
import { ask, enter, furnish } from './app.js';
import { appUrl, open, password, shot, signUp, typePassword } from './kilter.js';

const rein = { company: 'Kukk Tools', name: 'Rein Kukk', email: 'rein@example.com' };
const MANY = 240;
const errors = 'userErrors { code field message }';

const link = (page, number) => page.getByRole('region', { name: 'Jobs' }).getByRole('link', { name: number, exact: true });
const button = (page, name) => page.getByRole('button', { name, exact: true });

/** The cell of J-1 that becomes a field. */
const edit = (page, what) => page.getByRole('button', { name: `${what} of job J-1:` });

async function changedInPlace(page) {
  await link(page, 'J-1').waitFor();
  await edit(page, 'Priority').click();
  await page.keyboard.type('101');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('input[type=number]').count(), 1, 'what can not be is not taken');
  await page.locator('input[type=number]').fill('80');
  await page.keyboard.press('Enter');
  await page.getByText('Priority of J-1 is 80, it was 50.').waitFor();
  await page.getByRole('button', { name: 'Priority of job J-1: 80' }).waitFor();
  await button(page, 'Undo').click();
  await page.getByRole('button', { name: 'Priority of job J-1: 50' }).waitFor();
  await edit(page, 'Date').click();
  await page.locator('input[type=datetime-local]').fill('2099-03-01T12:00');
  await page.keyboard.press('Enter');
  await page.getByText(/J-1 is promised for/).waitFor();
  await button(page, 'Undo').click();
  await page.getByText('Late', { exact: false }).first().waitFor();
}

/** A filter stands in the address: it is there after a reload, and another one is kept. */
async function filtered(page) {
  await page.getByRole('button', { name: /^Late/ }).click();
  await page.waitForURL(/show=late/);
  const find = page.getByRole('textbox', { name: 'Number, product or customer' });
  await find.fill('no such thing');
  await page.getByText('No job is like that').waitFor();
  await find.fill('spindle');
  await page.waitForURL(/q=spindle/);
  await link(page, 'J-1').waitFor();
  await button(page, 'Keep this filter').click();
  await page.reload();
  await link(page, 'J-1').waitFor();
  assert.equal(await find.inputValue(), 'spindle');
  await page.goto(`${appUrl}/jobs`);
  await page.getByRole('list', { name: 'Your filters' }).getByRole('button').click();
  await page.waitForURL(/q=spindle/);
}

/** All rows can be reached, few are there. */
async function long(page, other) {
  const adding = (from, count) => Array.from({ length: count }, (_, at) => {
    const number = `M-${String(from + at).padStart(4, '0')}`;
    return `j${at}: createJob(input: { number: "${number}", product: "Bolt", due: "2098-01-01T08:00:00Z", quantity: "5" }) { ${errors} }`;
  }).join('\n');
  for (let from = 0; from < MANY; from += 20) await ask(other, `mutation { ${adding(from, 20)} }`);
  await page.goto(`${appUrl}/jobs?sort=number`);
  await link(page, 'M-0000').waitFor();
  const list = page.getByRole('region', { name: 'Jobs' });
  const last = `M-${String(MANY - 1).padStart(4, '0')}`;
  for (let tries = 0; tries < 40 && !(await link(page, last).isVisible()); tries += 1) {
    await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.waitForTimeout(100);
  }
  await link(page, last).waitFor();
  const rows = await list.locator('tbody tr').count();
  assert.ok(rows < 90, `${rows} rows are drawn of ${MANY}`);
}

/** The list is as wide as there is room, beside the navigation too: columns give way, nothing is scrolled sideways. */
async function fits(page) {
  await page.goto(`${appUrl}/jobs`);
  await link(page, 'J-1').waitFor();
  const list = page.getByRole('region', { name: 'Jobs' });
  for (const [width, gone] of [[1680, 0], [1440, 0], [1280, 1], [1101, 2], [1024, 1], [800, 3]]) {
    await page.setViewportSize({ width, height: 800 });
    const room = await list.evaluate((element) => [element.scrollWidth - element.clientWidth, document.documentElement.scrollWidth - innerWidth]);
    assert.deepEqual(room, [0, 0], `nothing is scrolled sideways at ${width}`);
    assert.equal(await list.locator('thead th:visible').count(), 9 - gone, `columns at ${width}`);
    for (const name of ['Job', 'Due', 'Status']) assert.ok(await list.getByRole('columnheader', { name }).isVisible(), `${name} at ${width}`);
    const cut = await list.locator('tbody tr:is([data-at="0"], [data-at="1"]) :is(td, th, td *):visible').evaluateAll((all) =>
      all.filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX === 'hidden').map((one) => one.textContent));
    assert.deepEqual(cut, [], `cut at ${width}`);
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/app-jobs-at-${width}.png` });
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

const product = 'ציר 40 מ״מ';
const notes = 'x'.repeat(9_990) + ' the end.';

async function created(page) {
  await page.goto(`${appUrl}/jobs`);
  await page.getByRole('link', { name: 'New job' }).click();
  await button(page, 'Create job').click();
  await page.getByText('It needs a number').waitFor();
  await page.getByLabel('Number', { exact: false }).first().fill('J-1');
  await page.getByLabel('Product').fill(product);
  await page.getByLabel('Notes').fill(notes);
  await button(page, 'Add operation').click();
  await page.getByLabel('Name', { exact: false }).fill('Turn');
  await page.getByLabel('Work center').selectOption('TURN');
  await page.getByLabel('Per unit, s').fill('1,5');
  await page.reload();
  assert.equal(await page.getByLabel('Product').inputValue(), product, 'what was typed is there after a reload');
  assert.equal((await page.getByLabel('Notes').inputValue()).length, notes.length);
  await button(page, 'Create job').click();
  await page.getByText('there is a job J-1 already').waitFor();
  await shot(page, 'app-jobs-new');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByLabel('Number', { exact: false }).first().fill('J-7');
  await button(page, 'Create job').click();
  await page.getByRole('heading', { name: 'Job J-7', level: 1 }).waitFor();
  assert.match(page.url(), /\/jobs\/J-7$/);
  await page.getByText(product).waitFor();
  await button(page, 'Show all of it').click();
  await page.getByText(/the end\.$/).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'New job', level: 1 }).waitFor();
  assert.equal(await page.getByLabel('Product').inputValue(), '', 'the next one begins empty');
  await page.goForward();
  await page.getByRole('heading', { name: 'Job J-7', level: 1 }).waitFor();
}

/** What only the other changed is taken, what both changed is asked. */
async function twoAtOnce(page, other) {
  await button(page, 'Edit').click();
  const dialog = page.getByRole('dialog', { name: 'Edit job J-7' });
  await dialog.getByLabel('Customer').fill('Mine');
  const input = { jobNumber: 'J-7', product: 'Spindle 40', customer: 'Theirs', unit: 'pcs', priority: 50 };
  await ask(other, `mutation($input: ReviseJobInput!) { reviseJob(input: $input) { ${errors} } }`, { input });
  await dialog.getByText('Somebody else changed this job meanwhile').waitFor();
  assert.equal(await dialog.getByLabel('Product').inputValue(), 'Spindle 40', 'what only the other changed is taken');
  assert.equal(await dialog.getByLabel('Customer').inputValue(), 'Mine', 'what was typed stays');
  assert.ok(await dialog.getByRole('button', { name: 'Save' }).isDisabled());
  await shot(page, 'app-jobs-two');
  await page.setViewportSize({ width: 1280, height: 800 });
  await dialog.getByRole('button', { name: 'Take theirs' }).click();
  assert.equal(await dialog.getByLabel('Customer').inputValue(), 'Theirs');
  await dialog.getByLabel('Quantity').fill('12,5');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('J-7 is changed.').waitFor();
  await dialog.waitFor({ state: 'detached' });
  const { job } = await ask(other, '{ job(number: "J-7") { product customer quantity notes } }');
  assert.deepEqual(job, { product: 'Spindle 40', customer: 'Theirs', quantity: '12.5', notes: null });
}

/** The session ends while somebody is typing. */
async function endedMeanwhile(page, other) {
  await button(page, 'Edit').click();
  const dialog = page.getByRole('dialog', { name: 'Edit job J-7' });
  await dialog.getByLabel('Product').fill('Half a wor');
  await ask(other, `mutation { endOtherSessions { ${errors} } }`);
  const again = page.getByRole('dialog', { name: 'Your session has ended' });
  await again.waitFor();
  await again.locator('[name=password]').fill(password);
  await again.getByRole('button', { name: 'Sign in' }).click();
  await again.waitFor({ state: 'detached' });
  assert.equal(await dialog.getByLabel('Product').inputValue(), 'Half a wor');
  await dialog.getByLabel('Product').fill('Half a word');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('J-7 is changed.').waitFor();
}

async function commanded(page) {
  await button(page, 'Hold').click();
  const dialog = page.getByRole('dialog', { name: 'Hold job J-7' });
  assert.ok(await dialog.getByRole('button', { name: 'Hold' }).isDisabled(), 'why is asked');
  await dialog.getByLabel('Reason').fill('the drawing is old');
  await dialog.getByRole('button', { name: 'Hold' }).click();
  await page.getByText('J-7 is held.').waitFor();
  await page.getByText('the drawing is old').first().waitFor();
  await button(page, 'Undo').click();
  await button(page, 'Hold').waitFor();
  await button(page, 'More for job J-7').click();
  await page.getByRole('menuitem', { name: 'Cancel job' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('ordered twice');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
  await page.getByText('Cancelled', { exact: true }).waitFor();
  await button(page, 'Undo').click();
  await button(page, 'Hold').waitFor();
  await button(page, 'Remove operation Turn').click();
  await page.getByText('Turn is removed from J-7.').waitFor();
  await button(page, 'Undo').click();
  await button(page, 'Remove operation Turn').waitFor();
}

export async function jobs(browser) {
  const [one, two] = [await open(browser), await open(browser)];
  await signUp(one.page, rein);
  await one.page.setViewportSize({ width: 1280, height: 800 });
  await enter(one.page, rein.email, '/jobs');
  await one.page.getByText('No open jobs').waitFor();
  await furnish(one.page);
  await typePassword(two.page, rein.email);
  await two.page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
  await changedInPlace(one.page);
  await filtered(one.page);
  await long(one.page, two.page);
  await fits(one.page);
  await created(one.page);
  await twoAtOnce(one.page, two.page);
  await endedMeanwhile(one.page, two.page);
  await commanded(one.page);
  assert.deepEqual([one.violations, two.violations], [[], []]);
  await Promise.all([one.context.close(), two.context.close()]);
  return `${MANY} jobs in one list`;
}
