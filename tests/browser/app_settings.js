// Members and settings: who is let in, a token that is shown once, a policy, a second factor, and a form that outlives its session.
import assert from 'node:assert/strict';
import { ask, enter } from './app.js';
import { codeOf, isIn, mailed, open, password, shot, signUp, typePassword, appUrl } from './kilter.js';

const olev = { company: 'Saar Masin', name: 'Olev Saar', email: 'olev@example.com' };

async function members(page) {
  await page.goto(`${appUrl}/members`);
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail address').fill('mia@example.com');
  await dialog.getByLabel('Role').selectOption('MANAGER');
  await dialog.getByRole('button', { name: 'Send invitation' }).click();
  await page.getByText('An invitation was sent to mia@example.com.').waitFor();
  await mailed('mia@example.com', 'invitation');
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText('The invitation is withdrawn.').waitFor();
  await page.getByRole('button', { name: 'Make a token' }).click();
  await dialog.getByLabel('What is it called?').fill('ERP');
  await dialog.getByRole('button', { name: 'Make it' }).click();
  const token = await dialog.locator('code').textContent();
  assert.match(token, /^kilter_/);
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  const seen = () => page.locator('main').textContent();
  await page.getByText('not used yet').waitFor();
  assert.ok(!(await seen()).includes(token), 'a token is shown once');
  const as = { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, method: 'POST', body: '{"query":"{ jobs(first: 1) { totalCount } }"}' };
  assert.equal((await fetch(`${appUrl}/graphql`, as)).status, 200);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('“ERP” is revoked.').waitFor();
  assert.equal((await fetch(`${appUrl}/graphql`, as)).status, 401);
  await shot(page, 'app-members');
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** The part of the settings with this heading. */
const part = (page, name) => page.getByRole('region', { name, exact: true });

async function settings(page) {
  await page.goto(`${appUrl}/settings`);
  const planning = part(page, 'Planning');
  await planning.getByLabel('What counts').selectOption('FEW_CHANGEOVERS');
  await planning.getByLabel(/Hours that stay/).fill('4');
  await planning.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The planning policy is saved.').waitFor();
  const { plan } = await ask(page, '{ plan { preset freezeSeconds ownWeights } }');
  assert.deepEqual(plan, { preset: 'FEW_CHANGEOVERS', freezeSeconds: 14_400, ownWeights: false });
  const security = part(page, 'Security');
  await security.getByLabel('Administrator').check();
  await security.getByRole('button', { name: 'Save' }).click();
  await security.getByRole('alert').waitFor();
  assert.ok(await security.getByLabel('Administrator').isChecked(), 'what was refused is still there');
  await factor(page);
  await security.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The security settings are saved.').waitFor();
}

async function factor(page) {
  await page.getByRole('button', { name: 'Set up an app' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill(password);
  await dialog.getByRole('button', { name: 'Set up an app' }).click();
  await dialog.getByRole('img', { name: /QR code/ }).waitFor();
  const key = await dialog.locator('code').textContent();
  await dialog.getByLabel('Six digits').fill(codeOf(key, 0));
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByRole('button', { name: 'I have kept them' }).waitFor();
  assert.equal(await dialog.locator('code').count(), 10);
  await dialog.getByRole('button', { name: 'I have kept them' }).click();
}

/** The session is ended elsewhere in the middle of a form; what was typed is saved after all. */
async function endedMeanwhile(page, other) {
  await page.goto(`${appUrl}/settings`);
  const me = part(page, 'You');
  await me.getByLabel('What you do').fill('toolmaker');
  await typePassword(other, olev.email);
  await isIn(other);
  await ask(other, 'mutation { endOtherSessions { userErrors { code message } } }');
  await me.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.locator('[name=password]').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('What is known of you is saved.').waitFor();
  assert.equal(await me.getByLabel('What you do').inputValue(), 'toolmaker');
  assert.equal((await ask(page, '{ me { member { jobTitle } } }')).me.member.jobTitle, 'toolmaker');
}

/** A link leads an operator where only others see something: that is said, and goes on being so no longer than the role does. */
async function notTheirs(page, other) {
  await page.goto(`${appUrl}/members`);
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail address').fill('wei@example.com');
  await dialog.getByLabel('Role').selectOption('OPERATOR');
  await dialog.getByRole('button', { name: 'Send invitation' }).click();
  await other.goto(await mailed('wei@example.com', 'invitation'));
  await other.locator('[name=name]:visible').fill('Wei Chen');
  await other.locator('[name=password]:visible').fill(password);
  await other.getByRole('button', { name: 'Join' }).click();
  await other.getByText('You can sign in now').waitFor();
  await enter(other, 'wei@example.com', '/activity');
  await other.getByRole('heading', { name: 'Your role does not see this', level: 1 }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Wei Chen' }).click();
  await page.getByRole('dialog').getByLabel('Role').selectOption('MANAGER');
  await page.getByText('Wei Chen is now: Manager.').waitFor();
  await other.getByRole('link', { name: 'Go to Today' }).click();
  await other.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  await other.goto(`${appUrl}/activity`);
  await other.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
}

export async function settingsAndMembers(browser) {
  const [one, two, three] = [await open(browser), await open(browser), await open(browser)];
  await signUp(one.page, olev);
  await enter(one.page, olev.email);
  await members(one.page);
  await endedMeanwhile(one.page, two.page);
  await settings(one.page);
  await notTheirs(one.page, three.page);
  assert.deepEqual([one.violations, two.violations, three.violations], [[], [], []]);
  await Promise.all([one.context.close(), two.context.close(), three.context.close()]);
  return 'a token shown once, a policy, a second factor; a form outlived its session';
}
