// The app as an attacker sees it: what people type is text on every screen (F26), and no other site gets at it (F23).
import assert from 'node:assert/strict';
import { ask, enter } from './app.js';
import { appended, open, port, signUp, appUrl } from './kilter.js';

const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>"\'`{{7*7}}${7*7}';
const pia = { company: `P ${evil}`, name: `Pia ${evil}`, email: 'pia@example.com' };
const errors = 'userErrors { code field message }';

async function hostile(page) {
  const text = JSON.stringify(evil).slice(1, -1);
  await ask(page, `mutation {
    a: createWorkCenter(input: { code: "TURN", name: "${text}", area: "${text}" }) { ${errors} }
    b: registerMachine(input: { code: "L1", name: "${text}", workCenterCode: "TURN" }) { ${errors} }
    c: changeMachineStatus(input: { machineCode: "L1", status: DOWN, reason: "${text}" }) { ${errors} }
    d: registerOperator(input: { code: "17", name: "${text}" }) { ${errors} }
    e: grantSkill(input: { operatorCode: "17", skill: "<img src=x onerror=window.pwned=1>", level: 3 }) { ${errors} }
    f: createJob(input: { number: "J-1", product: "${text}", customer: "${text}", notes: "${text}", quantity: "4", due: "2026-01-05T08:00:00Z",
      operations: [{ number: 10, name: "${text}", workCenterCode: "TURN", instructions: "${text}" }] }) { ${errors} }
    g: describeMyself(input: { name: "Pia ${text}", jobTitle: "${text}", phone: "+372 5" }) { ${errors} }
  }`);
}

/** A file whose cells are scripts. */
async function hostileFile(page) {
  await page.goto(`${appUrl}/import`);
  const cell = `"${evil.replaceAll('"', '""')}"`;
  const csv = `Job,Product,Quantity,${cell}\nX-1,${cell},${cell},${cell}\n`;
  await page.locator('input[type=file]').setInputFiles({ name: `${evil.replaceAll('/', '')}.csv`, mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByText('1 cell can’t be read').waitFor();
}

async function shown(page) {
  await page.locator('nav a[href]').first().waitFor();
  const paths = await page.locator('nav a[href]').evaluateAll((links) => links.map((link) => new URL(link.href).pathname));
  const all = [...new Set(paths), '/start', '/?job=J-1', '/board?as=table'];
  assert.ok(all.length > 10, `only ${all.join(' ')}`);
  for (const path of all) {
    await page.goto(appUrl + path);
    await page.locator('main, [role=main]').first().waitFor();
    await page.waitForFunction(() => document.querySelector('[aria-busy=true], [class*=skeleton]') === null);
    assert.equal(await page.evaluate(() => window.pwned), undefined, `a script ran on ${path}`);
    assert.equal(await page.locator('main img[src=x], [role=main] img[src=x]').count(), 0, `text became an element on ${path}`);
  }
  return all.length;
}

/** Another site shows the app in a frame, or sends a form to it in the name of who is in. */
async function foreign(context) {
  const before = await appended();
  const page = await context.newPage();
  const there = `http://evil.test:${port}`;
  await page.route(`${there}/trap`, (route) => route.fulfill({
    contentType: 'text/html',
    body: `<iframe src="${appUrl}/settings"></iframe><form method="post" enctype="text/plain" action="${appUrl}/graphql">
      <input name='{"query":"mutation { endOtherSessions { userErrors { code } } }","x":"' value='"}'></form>`,
  }));
  await page.goto(`${there}/trap`);
  await page.waitForTimeout(500);
  const framed = page.frames().filter((frame) => frame.parentFrame() !== null);
  for (const frame of framed) assert.equal(await frame.locator('#root').count().catch(() => 0), 0, 'the app is not shown in a frame');
  await page.evaluate(() => document.querySelector('form').submit());
  await page.waitForLoadState();
  assert.equal(await appended(), before, 'nothing was done in their name');
  await page.close();
}

export async function door(browser) {
  const { context, page, violations } = await open(browser);
  await signUp(page, pia);
  await enter(page, pia.email);
  await hostile(page);
  const count = await shown(page);
  await hostileFile(page);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.deepEqual(violations, []);
  await foreign(context);
  await context.close();
  return `${count} screens, 0 scripts, 0 reports; not framed, not posted to`;
}
