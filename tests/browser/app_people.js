// People, calendars and machines in the app: set up by hand, by keys and by form; what is refused stands where it was typed; Undo.
import assert from 'node:assert/strict';
import { ask, enter, furnish } from './app.js';
import { obstacles } from './app_access.js';
import { appUrl, open, shot, signUp } from './kilter.js';

const anu = { company: 'Mets Mehaanika', name: 'Anu Mets', email: 'anu@example.com' };
const errors = 'userErrors { code field message }';
const button = (page, name) => page.getByRole('button', { name, exact: true });
const inDialog = (page, name) => page.getByRole('dialog').getByRole('button', { name, exact: true });
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

async function skilled(page) {
  await page.goto(`${appUrl}/people`);
  await button(page, 'Add operator').click();
  await page.getByRole('dialog').getByLabel('Number').fill('17');
  await page.getByRole('dialog').getByLabel('Name').fill('Tiina Saar');
  await inDialog(page, 'Add operator').click();
  await page.getByRole('dialog').getByText(/17 already|already.*17/).waitFor();
  assert.equal(await page.getByRole('dialog').getByLabel('Name').inputValue(), 'Tiina Saar', 'what was typed is still there');
  await page.getByRole('dialog').getByLabel('Number').fill('18');
  await inDialog(page, 'Add operator').click();
  await button(page, 'Tiina Saar').waitFor();
  await page.getByText('Nobody', { exact: true }).waitFor();
  await page.getByText('welding, level 3').waitFor();
  await button(page, 'Tiina Saar: no welding').click();
  await page.getByRole('dialog').getByLabel('Level').selectOption('4');
  await page.getByRole('dialog').getByLabel('Good until').fill(day(10));
  await inDialog(page, 'Save').click();
  await page.getByRole('button', { name: /Tiina Saar: welding, level 4, ends on/ }).waitFor();
  await page.getByText('Only Tiina Saar').waitFor();
  await button(page, 'Undo').click();
  await button(page, 'Tiina Saar: no welding').waitFor();
  await shot(page, 'app-people');
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function away(page) {
  await button(page, 'Tiina Saar').click();
  await page.waitForURL(/person=(%22)?18/);
  await button(page, 'Add absence').click();
  const dialog = page.getByRole('dialog', { name: 'Tiina Saar is away' });
  await dialog.getByLabel('From').fill(`${day(3)}T08:00`);
  await dialog.getByLabel('Until').fill(`${day(2)}T08:00`);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Until must be after from.').waitFor();
  await dialog.getByLabel('Until').fill(`${day(4)}T08:00`);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The absence of Tiina Saar is noted.').waitFor();
  await button(page, 'Remove this absence').waitFor();
  await button(page, 'Undo').click();
  await page.getByText('None ahead.').waitFor();
  await fed(page, 'Tiina Saar', { code: '18', customers: false });
  await page.keyboard.press('Escape');
}

/** A feed is made in the panel that is open; its address answers a calendar app until it is revoked. */
async function fed(page, name, { code = name, customers }) {
  const section = page.getByRole('dialog').locator('section', { has: page.getByRole('heading', { name: 'Calendar feed' }) });
  await section.getByRole('button', { name: 'Make feed' }).click();
  const form = page.getByRole('dialog', { name: `Calendar feed of ${name}` });
  if (customers) await form.getByLabel('Tell customers').check();
  await form.getByRole('button', { name: 'Make feed' }).click();
  const shown = page.getByRole('dialog', { name: `Address of the feed of ${name}` });
  const address = await shown.locator('code').textContent();
  await shown.getByRole('button', { name: 'Copy' }).click();
  await shown.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
  await shot(page, `app-feed-${name.split(' ')[0]}`);
  await page.setViewportSize({ width: 1280, height: 800 });
  const read = await fetch(address);
  assert.deepEqual([read.status, read.headers.get('content-type')], [200, 'text/calendar; charset=utf-8']);
  assert.match(await read.text(), new RegExp(`^BEGIN:VCALENDAR[^]*NAME:Kilter ${code}`));
  await shown.getByRole('button', { name: 'I have it' }).click();
  await shown.waitFor({ state: 'detached' });
  await section.getByText('Made').waitFor();
  assert.equal(await section.getByText('tells customers').count(), customers ? 1 : 0);
  assert.ok(!(await page.content()).includes(address), 'it is shown once');
  await section.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog', { name: `Revoke the feed of ${name}` }).getByRole('button', { name: 'Revoke' }).click();
  await page.getByText(`A feed of ${name} is revoked.`).waitFor();
  await section.getByText('Made').waitFor({ state: 'detached' });
  assert.equal((await fetch(address)).status, 404);
}

const shift = (page, name) => page.getByRole('list', { name: 'Week of shifts' }).getByRole('button', { name });

async function weekly(page) {
  await page.goto(`${appUrl}/calendars`);
  await page.getByText('No calendars yet').waitFor();
  await button(page, 'Add calendar').click();
  await page.getByRole('dialog').getByLabel('Name').fill('Day');
  await page.getByRole('dialog').getByLabel('Code').fill('DAY');
  await inDialog(page, 'Add calendar').click();
  await shift(page, /^Monday 08:00–16:30/).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowLeft');
  await shift(page, /^Monday 08:15–16:30/).waitFor();
  const from = await shift(page, /^Friday 08:00–16:30/).boundingBox();
  await page.mouse.move(from.x + 60, from.y + 12);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + 32, { steps: 4 });
  await page.mouse.move(from.x + 60, from.y + 52, { steps: 4 });
  await page.mouse.up();
  await shift(page, /^Saturday 08:00–16:30/).waitFor();
  // Whoever goes elsewhere with something unsaved is asked first.
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await page.getByRole('dialog', { name: 'Leave what is not saved?' }).waitFor();
  assert.deepEqual(await obstacles(page), []);
  await button(page, 'Stay here').last().click();
  await shift(page, /^Saturday 08:00–16:30/).waitFor();
  await button(page, 'Add shift').click();
  await page.getByRole('dialog').getByLabel('From').fill('15:00');
  await page.keyboard.press('Escape');
  await button(page, 'Stay here').last().click();
  assert.equal(await page.getByRole('dialog').getByLabel('From').inputValue(), '15:00');
  await page.getByRole('dialog').getByLabel('To', { exact: false }).first().fill('20:00');
  await inDialog(page, 'Put into the week').click();
  await page.getByText(/Shifts overlap: let one begin/).waitFor();
  await button(page, 'Save week').click();
  await page.getByRole('alert').waitFor();
  await shot(page, 'app-calendars');
  await page.setViewportSize({ width: 1280, height: 800 });
  await shift(page, /^Monday 15:00–20:00/).focus();
  await page.keyboard.press('Delete');
  await button(page, 'Save week').click();
  await page.getByText('The week of Day is changed.').waitFor();
  const { calendars } = await ask(page, '{ calendars(first: 1) { edges { node { shifts { day from to } } } } }');
  const shifts = calendars.edges[0].node.shifts.map((one) => `${one.day} ${one.from.slice(0, 5)} ${one.to.slice(0, 5)}`);
  assert.ok(shifts.includes('MONDAY 08:15 16:30') && shifts.includes('SATURDAY 08:00 16:30') && shifts.length === 5, shifts.join('; '));
  await button(page, 'Undo').click();
  await shift(page, /^Friday 08:00–16:30/).waitFor();
}

async function holidays(page) {
  const event = (date, name) => `BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:${date}\r\nSUMMARY:${name}\r\nEND:VEVENT\r\n`;
  const file = `BEGIN:VCALENDAR\r\n${event('20990224', 'Independence Day')}${event('20990624', 'Midsummer')}END:VCALENDAR\r\n`;
  await button(page, 'Import holidays').click();
  await page.locator('input[type=file]').setInputFiles({ name: 'ee.ics', mimeType: 'text/calendar', buffer: Buffer.from(file) });
  await page.getByRole('dialog').getByText('Midsummer', { exact: true }).waitFor();
  await page.getByRole('dialog').getByLabel('Or paste lines').fill('2099-02-24;Independence Day\n31.02.2099;Never\n2099-12-24;Eve;07:00-11:00');
  await page.getByRole('dialog').getByText(/Line 2/).waitFor();
  await inDialog(page, 'Take 2 days').click();
  await page.getByText('2 days are taken.').waitFor();
  await page.getByText('07:00–11:00').waitFor();
  await page.getByLabel('Give it to').selectOption('operator 17');
  await page.getByText('Rasmus Kask keeps to Day.').waitFor();
  await button(page, 'Take it from Rasmus Kask').waitFor();
  await button(page, 'Undo').click();
  await button(page, 'Take it from Rasmus Kask').waitFor({ state: 'detached' });
}

async function setUp(page) {
  await page.goto(`${appUrl}/machines`);
  await button(page, 'Set up').click();
  await page.getByRole('menuitem', { name: 'Add machine' }).click();
  await page.getByRole('dialog').getByLabel('Code').fill('LATHE-1');
  await page.getByRole('dialog').getByLabel('Name').fill('Third lathe');
  await inDialog(page, 'Add machine').click();
  await page.getByRole('dialog').getByText(/LATHE-1 already|already.*LATHE-1/).waitFor();
  await page.getByRole('dialog').getByLabel('Code').fill('LATHE-3');
  await inDialog(page, 'Add machine').click();
  await button(page, 'LATHE-3').click();
  await button(page, 'Change status').click();
  await inDialog(page, 'Change status').last().click();
  await page.getByRole('alert').or(page.getByText(/reason/i)).first().waitFor();
  const dialog = page.getByRole('dialog', { name: 'Status of LATHE-3' });
  await dialog.getByLabel('Reason').fill('belt is torn');
  await dialog.getByRole('button', { name: 'Change status' }).click();
  await page.getByText('LATHE-3: Down.').waitFor();
  await fed(page, 'LATHE-3', { customers: true });
  await page.keyboard.press('Escape');
  await page.getByText('belt is torn').first().waitFor();
  await button(page, 'Turning').click();
  for (const family of ['STEEL', 'BRASS']) {
    await page.getByLabel('Family', { exact: true }).fill(family);
    await page.keyboard.press('Enter');
  }
  await page.getByLabel('From STEEL to BRASS, minutes').fill('1,5');
  await button(page, 'Save changeovers').click();
  await page.getByText('The changeovers of Turning are changed.').waitFor();
  const { workCenters } = await ask(page, '{ workCenters(first: 1) { edges { node { id } } } }');
  const { workCenter } = await ask(page, 'query($id: ID!) { workCenter(id: $id) { changeovers { table { from to seconds } } } }', { id: workCenters.edges[0].node.id });
  assert.deepEqual(workCenter.changeovers.table, [{ from: 'STEEL', to: 'BRASS', seconds: 90 }]);
  await page.keyboard.press('Escape');
}

export async function setting(browser) {
  const { context, page, violations } = await open(browser);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signUp(page, anu);
  await enter(page, anu.email, '/people');
  await page.getByText('No operators yet').waitFor();
  await furnish(page);
  const operations = [{ number: 10, name: 'Weld', workCenterCode: 'TURN', skill: { skill: 'welding', level: 3 } }];
  await ask(page, `mutation($input: CreateJobInput!) { createJob(input: $input) { ${errors} } }`, { input: { number: 'W-1', operations } });
  await skilled(page);
  await away(page);
  await weekly(page);
  await holidays(page);
  await setUp(page);
  assert.deepEqual(violations, []);
  await context.close();
  return 'skills, absences, a week, holidays, machines, calendar feeds';
}
