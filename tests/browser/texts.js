// What people type is shown as text: no script of theirs runs, and nothing is left for the policy of the pages to stop (F26).
import assert from 'node:assert/strict';
import { mailed, onAccount, open, signUp, typePassword, url } from './kilter.js';

const run = 'window.kilterViolation(`ran at ${location}`)';
/** Each would run where it were taken for markup, an attribute, an address or a script. */
const payloads = [
  `<script>${run}</script>`,
  `"><img src=x onerror="${run}">`,
  `'><svg/onload=${run}>`,
  `</title><iframe srcdoc="<script>parent.${run}</script>">`,
  `javascript:${run}`,
  `\${${run}}{{constructor.constructor('${run}')()}}`,
  `<a href="javascript:${run}" autofocus onfocus=${run}>x</a>`,
  `</pre></article><style>@import '//evil.test'</style><base href=//evil.test/>`,
  `&lt;script&gt;${run}&lt;/script&gt;`,
  `<math><mtext></mtext><mglyph><style><img src=x onerror=${run}>`,
];


/** A company whose texts are these: on the account, in an invitation, in the outbox. */
async function shown(browser, company, name, number) {
  const { context, page, violations } = await open(browser, { userAgent: `Mozilla/5.0 ${name} Firefox/${number} ${company}` });
  const email = `payload${number}@example.com`;
  await signUp(page, { company, name, email });
  await typePassword(page, email);
  await onAccount(page);
  assert.equal(await page.locator('[data-part=name]').textContent(), name);
  assert.ok((await page.locator('[data-part=company]').textContent()).startsWith(company));
  const guest = `guest${number}@example.com`;
  const invited = await page.evaluate(async ([email, role]) => {
    const query = 'mutation($input: InviteMemberInput!) { inviteMember(input: $input) { userErrors { message } } }';
    const answer = await fetch('/graphql', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables: { input: { email, role } } }),
    });
    return answer.json();
  }, [guest, 'OPERATOR']);
  assert.ok(invited.data, JSON.stringify(invited));
  await page.goto(await mailed(guest, 'invitation'));
  await page.locator('#invitation .hint').getByText(guest).waitFor();
  assert.equal(await page.locator('#invitation h1').textContent(), `Join ${company}`);
  await page.goto(`${url}/outbox`);
  await page.getByText(guest).first().waitFor();
  assert.equal(await page.locator('script, img, svg, iframe, base').count(), 0);
  assert.deepEqual(violations, [], `${company} ${name}`);
  await context.close();
}

export async function texts(browser) {
  for (let number = 0; number < payloads.length; number += 2) await shown(browser, payloads[number], payloads[number + 1], number);
  return `${payloads.length} payloads, 0 scripts run, 0 reports of the policy`;
}
