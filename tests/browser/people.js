// People come in: an app, a passkey, a passkey that was copied.
import assert from 'node:assert/strict';
import { appended, codeOf, onAccount, open, password, port, shot, signOut, signUp, typePassword, url } from './kilter.js';

const anna = { company: 'Kask & Söhne', name: 'Anna Kask', email: 'anna@example.com' };

/** The key of the app, which from then on is asked for, and the recovery codes. */
async function setUpApp(page) {
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await page.locator('#again-dialog [name=password]').fill('not hers');
  await page.getByRole('button', { name: 'Set up the app' }).click();
  await page.locator('#again-dialog .answer.bad').getByText('The password is not right').waitFor();
  await page.locator('#again-dialog [name=password]').fill(password);
  await page.getByRole('button', { name: 'Set up the app' }).click();
  await page.locator('#app-dialog[open]').waitFor();
  const key = await page.locator('#app-key').textContent();
  assert.equal(await page.locator('#app-picture svg path').count(), 2, 'a picture that a camera reads');
  await shot(page, 'app');
  await page.locator('#app-dialog [name=code]').fill('000000');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.locator('#app-dialog .answer.bad').getByText('The code is not right').waitFor();
  await page.locator('#app-dialog [name=code]').fill(codeOf(key, 0));
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.locator('#codes-dialog[open]').waitFor();
  const codes = await page.locator('#codes li').allTextContents();
  assert.equal(new Set(codes).size, 10);
  await shot(page, 'codes');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByText('On: a code is asked for').waitFor();
  await page.getByText('10 of 10 left').waitFor();
  return { key, codes };
}

async function addPasskey(page, label) {
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.locator('#passkey-dialog [name=label]').fill(label);
  await page.locator('#passkey-dialog [name=password]').fill('not hers');
  await page.getByRole('button', { name: 'Add passkey' }).click();
  await page.locator('#passkey-dialog .answer.bad').waitFor();
  await shot(page, 'passkey');
  await page.locator('#passkey-dialog [name=password]').fill(password);
  await page.getByRole('button', { name: 'Add passkey' }).click();
  await page.locator('[data-part=passkeys]').getByText(label).waitFor();
  assert.ok(await page.getByText('never used').isVisible());
}

/** An authenticator in the machine that asks whoever sits there. */
async function authenticator(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
  const send = (what, more) => devtools.send(`WebAuthn.${what}`, { authenticatorId, ...more });
  return {
    credential: async () => (await send('getCredentials')).credentials[0],
    put: async (credential) => {
      await send('clearCredentials');
      await send('addCredential', { credential });
    },
    verifies: (isUserVerified) => send('setUserVerified', { isUserVerified }),
    touched: (enabled) => send('setAutomaticPresenceSimulation', { enabled }),
  };
}

async function signInWithPasskey(page) {
  await page.goto(`${url}/sign-in`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
}

/** It is refused: nobody is in, nothing was written. */
async function refused(page, text) {
  const before = await appended();
  await signInWithPasskey(page);
  await page.locator('#answer.bad').getByText(text).waitFor();
  const cookies = await page.context().cookies();
  assert.ok(!cookies.some(({ name }) => name === '__Host-kilter'), 'no session');
  assert.equal(await appended(), before);
}

/** She is in on another device with a recovery code, sees that here, and signs it out. */
async function elsewhere(browser, page, code) {
  const other = await open(browser, { userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0' });
  await typePassword(other.page, anna.email);
  await other.page.getByText('Use a recovery code').click();
  await other.page.locator('#second-factor [name=recoveryCode]').fill(code.toLowerCase());
  await other.page.locator('#second-factor form button').click();
  await onAccount(other.page);
  await other.page.getByText('9 of 10 left').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Sign out Firefox 140 on Android' }).waitFor();
  await shot(page, 'sessions');
  await page.getByRole('button', { name: 'Sign out Firefox 140 on Android' }).click();
  await page.getByText('Firefox 140').waitFor({ state: 'detached' });
  await other.page.reload();
  await other.page.waitForURL('**/sign-in');
  await other.context.close();
}

export async function people(browser) {
  const { context, page, violations } = await open(browser);
  const device = await authenticator(page);
  await signUp(page, anna);
  await typePassword(page, anna.email);
  await onAccount(page);
  await page.getByText('Kask & Söhne · Admin').waitFor();
  await shot(page, 'account-new');
  const { key, codes } = await setUpApp(page);
  await signOut(page);
  await shot(page, 'sign-in');

  await typePassword(page, anna.email);
  await page.getByText('Code of your authenticator app').waitFor();
  assert.ok(await page.locator('#factor-passkey').isHidden(), 'she has no passkey yet');
  await shot(page, 'second-factor');
  await page.locator('#second-factor [name=code]').fill(codeOf(key, 1));
  await page.locator('#second-factor form button').click();
  await onAccount(page);
  await addPasskey(page, 'Shop laptop');
  await signOut(page);

  await signInWithPasskey(page);
  await onAccount(page);
  await page.locator('[data-part=passkeys]').getByText('last used').waitFor();
  await shot(page, 'account');
  await signOut(page);

  const copy = await device.credential();
  // Once she is about to type, the browser offers it.
  await page.locator('#sign-in [name=email]').focus();
  await onAccount(page);
  await signOut(page);
  await device.touched(false);
  await typePassword(page, anna.email);
  await page.getByRole('button', { name: 'Use your passkey' }).waitFor();
  await shot(page, 'second-factor-passkey');
  await device.touched(true);
  await page.getByRole('button', { name: 'Use your passkey' }).click();
  await onAccount(page);
  await signOut(page);

  // Whoever has copied it is behind by a count; and so is she, once the copy was used. Both are refused alike.
  const original = await device.credential();
  assert.ok(original.signCount > copy.signCount);
  await device.put(copy);
  await refused(page, 'This passkey was not accepted');
  await device.put({ ...original, userHandle: Buffer.alloc(16, 7).toString('base64') });
  await refused(page, 'This passkey was not accepted');
  await device.put(original);
  await device.verifies(false);
  await refused(page, 'No passkey was chosen');
  await device.verifies(true);
  await signInWithPasskey(page);
  await onAccount(page);

  await elsewhere(browser, page, codes[0]);
  await page.getByRole('button', { name: 'Remove the passkey Shop laptop' }).click();
  await page.locator('#again-dialog [name=password]').fill(password);
  await shot(page, 'again');
  await page.locator('#again-dialog').getByRole('button', { name: 'Remove passkey' }).click();
  await page.getByText('No passkey yet').waitFor();
  await signOut(page);
  await refused(page, 'This passkey was not accepted');

  await page.goto(`http://127.0.0.1:${port}/sign-in`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText(`Passkeys work at ${url} only`).waitFor();
  await page.getByRole('link', { name: 'Open it there' }).click();
  await page.waitForURL(`${url}/sign-in`);
  assert.deepEqual(violations, []);
  await context.close();
}
