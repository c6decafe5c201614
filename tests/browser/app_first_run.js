// A new company comes to its first plan: signs up, brings a file, says when it works, plans. The file is typed by keys alone, has what can't
// be read in it, and is imported twice.
import assert from 'node:assert/strict';
import { ask, enter } from './app.js';
import { open, shot, signUp, appUrl } from './kilter.js';

const tiiu = { company: 'Lepik Tööriist', name: 'Tiiu Lepik', email: 'tiiu@example.com' };

/** As a German spreadsheet writes it, in Windows-1252: a row whose amount and one whose date can't be read. */
const FILE = `Auftragsnummer;Artikel;Kunde;Menge;Liefertermin;AG-Nr.;Arbeitsgang;Arbeitsplatz;Rüstzeit (min);Stückzeit (min)
4711;Welle Ø20;Müller GmbH;1.250;12.03.2037;10;Drehen;CNC;45;0,05
;;;;;20;Schleifen;SCHLEIF;30;0,02
4712;Flansch;Öhm AG;12;15.3.37;10;Fräsen;FRÄS;1:00;1,5
4713;Ring;Öhm AG;viele;15.3.37;10;Fräsen;FRÄS;10;1
4714;Ring;Öhm AG;5;31.02.2037;10;Fräsen;FRÄS;10;1
`;

/** Twenty-five thousand jobs of four operations each; one row's amount can't be read. */
const LARGE = `Order;Item;Qty;Due;Op;Operation;Work center;Setup (min);Cycle (min)\n${Array.from({ length: 100_000 }, (_, at) =>
  `J-${Math.floor(at / 4)};Drive shaft;${at === 77_777 ? 'many' : 4};31.12.2037;${((at % 4) + 1) * 10};Step;WC-${at % 12};10;1,25\n`).join('')}`;

/** As if somebody chose it, without its way into the browser; the frames from then on are kept. */
async function chooseLarge(page) {
  await page.locator('input[type=file]').waitFor({ state: 'attached' });
  await page.evaluate((text) => {
    window.large = new DataTransfer();
    window.large.items.add(new File([text], 'large.csv', { type: 'text/csv' }));
  }, LARGE);
  await page.evaluate(() => {
    const frames = [performance.now()];
    window.longestFrame = () => Math.max(...frames.slice(1).map((at, index) => at - frames[index]));
    const step = () => {
      frames.push(performance.now());
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    const input = document.querySelector('input[type=file]');
    input.files = window.large.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

/** A large file is read beside the page: frames go on; it can be called off, and what is to be done is told. The longest frame, in ms. */
async function largeFile(page) {
  await page.goto(`${appUrl}/import`);
  await chooseLarge(page);
  await page.getByText('24,999 jobs with 99,996 operations').waitFor();
  const longest = Math.round(await page.evaluate(() => window.longestFrame()));
  await page.getByRole('row', { name: /^77779 Qty many/ }).first().waitFor();
  assert.ok(longest < 250, `a frame of ${longest} ms while a file was read`);

  // What reads it comes late.
  await page.route(/reading\.worker/, async (route) => {
    await new Promise((over) => setTimeout(over, 3_000));
    await route.continue().catch(() => undefined);
  });
  await page.goto(`${appUrl}/import`);
  await chooseLarge(page);
  await page.getByText('Reading the file').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Try it with an example' }).waitFor();
  assert.equal(await page.getByText('What the columns mean').count(), 0);
  await page.unroute(/reading\.worker/);
  return longest;
}

async function choose(page) {
  const buffer = Buffer.from(FILE.replaceAll('\n', '\r\n'), 'latin1');
  await page.locator('input[type=file]').setInputFiles({ name: 'auftraege.csv', mimeType: 'text/csv', buffer });
}

/** By the Tab key alone, until what has the focus is called this. */
async function tabTo(page, name) {
  for (let step = 0; step < 80; step += 1) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim());
    if (here === name) return;
  }
  assert.fail(`the Tab key does not reach “${name}”`);
}

async function imported(page) {
  await page.getByRole('link', { name: 'Import jobs' }).click();
  await choose(page);
  await page.getByText('2 jobs with 3 operations').waitFor();
  await page.getByText('read as WINDOWS-1252').waitFor();
  for (const [row, column, value] of [[5, 'Menge', 'viele'], [6, 'Liefertermin', '31.02.2037']]) {
    await page.getByRole('row', { name: new RegExp(`^${row} ${column} ${value}`) }).waitFor();
  }
  await page.getByText('3 work centers are new and will be made').waitFor();
  await shot(page, 'app-import');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByLabel('Machines of CNC').fill('2');
  // A file that is open is not left for the past without a question.
  await page.getByRole('button', { name: 'Look back' }).click();
  await page.getByRole('dialog', { name: 'Leave what is not saved?' }).getByRole('button', { name: 'Stay here' }).last().click();
  await tabTo(page, 'Import 2 jobs');
  await page.keyboard.press('Enter');
  // Three work centers, four machines, two jobs.
  await page.getByText('9 things were made.').waitFor();
}

export async function firstRun(browser) {
  const { context, page, violations } = await open(browser);
  await signUp(page, tiiu);
  await enter(page, tiiu.email);
  await page.getByRole('main').getByRole('link', { name: 'Make your first plan' }).click();
  await page.waitForURL('**/start');
  await page.getByRole('heading', { name: 'Your first plan' }).waitFor();
  await imported(page);
  const { jobs } = await ask(page, '{ jobs(first: 9) { edges { node { number product quantity due operations { number setupSeconds workCenter { code } } } } } }');
  const [shaft] = jobs.edges.map(({ node }) => node);
  assert.equal(jobs.edges.length, 2);
  assert.deepEqual([shaft.number, shaft.product, shaft.quantity, shaft.due], ['4711', 'Welle Ø20', '1250', '2037-03-12T21:59:00Z']);
  assert.deepEqual(shaft.operations.map(({ workCenter }) => workCenter.code), ['CNC', 'SCHLEIF']);

  await page.getByRole('button', { name: 'Another file' }).click();
  await choose(page);
  await page.getByRole('button', { name: 'Import 2 jobs' }).click();
  await page.getByText('0 things were made. 2 were there already.').waitFor();

  await page.getByRole('link', { name: /^Next/ }).click();
  await tabTo(page, 'Set working hours');
  await page.keyboard.press('Enter');
  await page.getByText('Working hours are set.').waitFor();
  await shot(page, 'app-start');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('link', { name: 'Plan', exact: true }).click();
  await page.getByLabel('How long').selectOption('10');
  await page.getByRole('button', { name: 'Find a plan' }).click();
  await page.getByText(/Time is used up|No plan can be better/).waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Take this plan over' }).click();
  await page.getByText('New plan taken over').waitFor();
  await page.goto(`${appUrl}/start`);
  await page.getByText('3 operations are planned').waitFor();
  const longest = await largeFile(page);
  assert.deepEqual(violations, []);
  await context.close();
  return `from a file of Windows-1252 to a plan on the board; the same file again made nothing; 100,000 rows were read with frames of at most ${longest} ms`;
}
