// GraphiQL: who is in asks, changes and follows as themselves; a token that has ended is renewed on the way; what was asked is kept on the
// device for who has agreed to that; nothing of it needs more than the policy of every page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { addJob, ask, enter } from './app.js';
import { appUrl, open, shot, signUp } from './kilter.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const hille = { company: 'Pärn Detail', name: 'Hille Pärn', email: 'hille@example.com' };
const errors = 'userErrors { code field message }';
/** What axe-core says of GraphiQL itself (docs/web.md names it). */
const OF_GRAPHIQL = ['color-contrast', 'label', 'nested-interactive', 'scrollable-region-focusable'];

const said = (page) => page.evaluate(() => document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue() ?? '');

/** Waits until the answer has all of these in it. */
async function answers(page, ...words) {
  const has = (words) => words.every((word) => document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue().includes(word));
  await page.waitForFunction(has, words).catch(async () => assert.fail(`no ${words.join(', ')} in: ${await said(page)}`));
}

/** Types a document in place of what stands there, and runs it. */
async function run(page, document) {
  await page.locator('.graphiql-query-editor .CodeMirror-scroll').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(document);
  await page.keyboard.press('Control+Enter');
}

const isShown = (page) => page.locator('.graphiql-query-editor .CodeMirror').waitFor();
const isKept = (page) => page.evaluate(() => Object.keys(localStorage).some((name) => /graphiql/.test(name)));
const consent = async (page, functional) => {
  const { version } = await (await page.request.get(`${appUrl}/cookies.json`)).json();
  const input = `{ version: ${version}, functional: ${functional}, analytics: false }`;
  await ask(page, `mutation { setConsent(input: ${input}) { ${errors} } }`);
  await page.reload();
  await isShown(page);
};

/** The schema comes by introspection: the documentation knows what the root is. */
async function schema(page) {
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.locator('.graphiql-doc-explorer').getByText('Subscription', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Hide Documentation Explorer' }).click();
}

async function asks(page) {
  await run(page, '{ company { name } }');
  await answers(page, hille.company);
  await run(page, `mutation { createWorkCenter(input: { code: "TURN", name: "Turning again" }) { ${errors} } }`);
  await answers(page, 'WORK_CENTER_EXISTS');
  await run(page, '{ company { nonsense } }');
  await answers(page, 'nonsense', 'GRAPHQL_VALIDATION_FAILED');
}

/** An access token that is gone is renewed, of a question as of a subscription. */
async function renewed(page) {
  await page.context().clearCookies({ name: '__Host-kilter' });
  await run(page, '{ company { timeZone } }');
  await answers(page, 'timeZone');
}

async function follows(page, other) {
  await page.context().clearCookies({ name: '__Host-kilter' });
  await run(page, 'subscription { jobChanged { kind cursor job { number } } }');
  await answers(page, 'SNAPSHOT');
  await addJob(other, 'J-77', 'Flange');
  await answers(page, 'CHANGE', 'J-77');
  await page.getByRole('button', { name: /^Stop/ }).click();
  await addJob(other, 'J-78', 'Flange');
  await run(page, '{ job(number: "J-78") { number } }');
  await answers(page, 'J-78');
}

async function keeps(page) {
  assert.equal(await isKept(page), false, 'nothing is kept on the device unasked');
  // GraphiQL writes it down half a second after the last key.
  await page.waitForFunction(() => {
    const own = JSON.parse(Object.entries(sessionStorage).find(([name]) => name.startsWith('kilter-graphiql-'))?.[1] ?? '{}');
    return ['graphiql:query', 'graphiql:tabState'].every((name) => own[name]?.includes('J-78'));
  });
  await page.reload();
  await isShown(page);
  await page.locator('.graphiql-query-editor').getByText('J-78').waitFor();
  await consent(page, true);
  await run(page, '{ company { country } }');
  await answers(page, 'country');
  await page.waitForFunction(() => Object.keys(localStorage).some((name) => /graphiql/.test(name)));
  await consent(page, false);
  await page.waitForFunction(() => !Object.keys(localStorage).some((name) => /graphiql/.test(name)));
}

/** What axe-core has against what is ours, and against GraphiQL. */
async function obstacles(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    const all = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => ({ id, target: String(target), failureSummary })));
    const isTheirs = ({ target }) => document.querySelector(target)?.closest('.graphiql-container') != null;
    return { ours: all.filter((one) => !isTheirs(one)), theirs: [...new Set(all.filter(isTheirs).map(({ id }) => id))].sort() };
  });
}

/** It is as light or as dark as the app, and keeps nobody out of what is ours. */
async function looks(page) {
  const found = new Set();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`body.graphiql-${colorScheme}`).waitFor();
    await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
    const { ours, theirs } = await obstacles(page);
    assert.deepEqual(ours, [], colorScheme);
    for (const one of theirs) found.add(one);
    await shot(page, `app-graphiql-${colorScheme}`);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  return [...found].sort();
}

/** Settings and the palette lead there. */
async function isFound(page) {
  await page.goto(`${appUrl}/settings`);
  await page.getByRole('link', { name: 'Open GraphiQL' }).click();
  await isShown(page);
  await page.getByRole('link', { name: 'Back to Kilter' }).click();
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  assert.equal(await page.evaluate(() => document.body.className.includes('graphiql')), false, 'its look goes with it');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find anything' }).fill('graphiql');
  await page.getByRole('option', { name: /GraphiQL/ }).click();
  await isShown(page);
}

export async function graphiql(browser) {
  const [one, two] = [await open(browser), await open(browser)];
  const reports = [];
  one.page.on('console', (message) => /Content.Security.Policy/i.test(message.text()) && reports.push(message.text()));
  await signUp(one.page, hille);
  await enter(one.page, hille.email, '/graphiql');
  await isShown(one.page);
  await enter(two.page, hille.email);
  await ask(two.page, `mutation { createWorkCenter(input: { code: "TURN", name: "Turning" }) { ${errors} } }`);
  await schema(one.page);
  await asks(one.page);
  await renewed(one.page);
  await follows(one.page, two.page);
  await keeps(one.page);
  assert.equal(await one.page.getByRole('button', { name: 'Headers' }).count(), 0, 'a session says who asks, no header');
  const theirs = await looks(one.page);
  assert.deepEqual(theirs.filter((one) => !OF_GRAPHIQL.includes(one)), [], 'nothing else is in the way in GraphiQL');
  await isFound(one.page);
  assert.deepEqual([one.violations, two.violations, reports], [[], [], []]);
  await Promise.all([one.context.close(), two.context.close()]);
  return `axe-core: 0 of ours; of GraphiQL: ${theirs.join(', ') || 'none'}`;
}
