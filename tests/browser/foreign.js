// Pages of others try what a browser lets them in the name of who is signed in (F23). What counts is what Kilter has written.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { appended, mailed, onAccount, open, outbox, password, signUp, typePassword, url } from './kilter.js';

const mira = { company: 'Tamm', name: 'Mira Tamm', email: 'mira@example.com' };
const rename = (name) => ({ query: `mutation { renameCompany(input: { name: "${name}" }) { userErrors { message } } }` });

/** Where a page of others is served: another port of the same name (the same site, cookies go along), another name, an address. */
async function stranger() {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>x</title><body>'));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  return { origins: ['localhost', 'evil.test', '127.0.0.1'].map((name) => `http://${name}:${port}`), close: () => server.close() };
}

/** What is posted, where: it would do something, were it asked by a page of ours. */
const targets = [
  ['/graphql', rename('Stolen')],
  ['/auth/sign-out', {}],
  ['/auth/sign-up', { company: 'Evil', timeZone: 'UTC', name: 'Eve', email: 'eve@example.com', password: 'gears turn at dusk' }],
  ['/auth/forgot', { email: mira.email }],
  ['/auth/second-factor/totp/begin', { password: 'gears turn at dawn' }],
  ['/auth/passkeys/add/begin', { password }],
];

/** Each runs in the foreign page; what it gives is what it was able to read, null where nothing. */
const ways = {
  form: ({ to, body, type }) => new Promise((sent) => {
    const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { name: `f${Math.random()}` }));
    const form = document.body.appendChild(document.createElement('form'));
    Object.assign(form, { action: to, method: 'POST', enctype: type, target: frame.name });
    const field = (name, value) => form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    // As text/plain, `name=value` is JSON where the name ends within a string.
    if (type === 'text/plain') field(`${body.slice(0, -1)}${body === '{}' ? '' : ','}"x":"`, '"}');
    else for (const [name, value] of Object.entries(JSON.parse(body))) field(name, value);
    frame.addEventListener('load', () => {
      if (frame.contentWindow.length === 0 && form.dataset.sent) sent(frame.contentDocument?.body?.textContent || null);
    });
    form.dataset.sent = 'yes';
    form.submit();
  }),
  fetch: async ({ to, body, type, mode }) => {
    const bodies = {
      'multipart/form-data': () => Object.entries(JSON.parse(body)).reduce((form, [name, value]) => (form.append(name, value), form), new FormData()),
      'application/x-www-form-urlencoded': () => new URLSearchParams(JSON.parse(body)),
    };
    const asked = { method: 'POST', mode, credentials: 'include', body: bodies[type]?.() ?? body };
    if (!bodies[type]) asked.headers = { 'content-type': type };
    const answer = await fetch(to, asked).catch(() => null);
    return (await answer?.text().catch(() => null)) || null;
  },
  beacon: ({ to, body }) => {
    navigator.sendBeacon(to, body);
    navigator.sendBeacon(to, new Blob([body], { type: 'text/plain' }));
    return null;
  },
  read: async ({ to, mode }) => {
    const answer = await fetch(to, { credentials: 'include', mode }).catch(() => null);
    return (await answer?.text().catch(() => null)) || null;
  },
  socket: ({ to, subprotocol, message }) => new Promise((ended) => {
    const socket = new WebSocket(to, subprotocol);
    socket.onopen = () => socket.send(message);
    socket.onmessage = ({ data }) => ended(data);
    socket.onerror = socket.onclose = () => ended(null);
  }),
  stream: ({ to }) => new Promise((ended) => {
    const stream = new EventSource(to, { withCredentials: true });
    stream.onopen = stream.onmessage = () => ended('an open stream');
    stream.onerror = () => { stream.close(); ended(null); };
  }),
  frame: ({ to }) => new Promise((ended) => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.onload = () => ended(frame.contentDocument?.body?.textContent || null);
    frame.src = to;
  }),
  script: ({ to }) => new Promise((ended) => {
    const script = document.body.appendChild(document.createElement('script'));
    script.onload = () => ended('a script');
    script.onerror = () => ended(null);
    script.src = to;
  }),
};

/** All that is tried from one origin: the way, and what it is told. */
function attempts() {
  const tried = [];
  for (const [path, value] of targets) {
    const [to, body] = [url + path, JSON.stringify(value)];
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      tried.push(['form', { to, body, type }], ['fetch', { to, body, type, mode: 'no-cors' }], ['fetch', { to, body, type, mode: 'cors' }]);
    }
    tried.push(['fetch', { to, body, type: 'application/json', mode: 'cors' }], ['fetch', { to, body, type: 'application/json', mode: 'no-cors' }]);
    tried.push(['beacon', { to, body }]);
  }
  const asked = `${url}/graphql?query=`;
  for (const query of ['{ viewer { name } }', rename('Stolen').query]) {
    const to = asked + encodeURIComponent(query);
    for (const mode of ['cors', 'no-cors']) tried.push(['read', { to, mode }]);
    tried.push(['script', { to }], ['frame', { to }]);
  }
  for (const path of ['/account', '/sign-in', '/outbox']) tried.push(['read', { to: url + path, mode: 'cors' }], ['frame', { to: url + path }]);
  const [socket, subprotocol] = [url.replace('http', 'ws'), 'graphql-transport-ws'];
  tried.push(['socket', { to: `${socket}/graphql`, subprotocol, message: '{"type":"connection_init"}' }]);
  tried.push(['stream', { to: `${asked}${encodeURIComponent('subscription { activityAppended { position } }')}` }]);
  return tried;
}

/** Mails that wait, events that were written. */
const state = async () => [await appended(), (await outbox()).length];

export async function foreign(browser) {
  const { context, page } = await open(browser);
  await signUp(page, mira);
  await typePassword(page, mira.email);
  await onAccount(page);
  const [server, before] = [await stranger(), await state()];
  let count = 0;
  for (const origin of server.origins) {
    const evil = await context.newPage();
    await evil.goto(origin);
    const went = attempts().map(async ([way, told]) => {
      const read = await evil.evaluate(ways[way], told);
      assert.equal(read, null, `${origin} read by ${way} ${JSON.stringify(told)}: ${read}`);
    });
    await Promise.all(went);
    count += went.length;
    const framed = evil.frames().filter((frame) => frame !== evil.mainFrame() && frame.url().startsWith(url));
    for (const frame of framed) assert.equal((await frame.textContent('body').catch(() => '')).includes('Mira'), false, frame.url());
    assert.deepEqual(await state(), before, origin);
    await evil.close();
  }
  // A name of a stranger that leads to this machine: their page is then of the same origin, and has none of her cookies.
  const rebound = url.replace('localhost', 'evil.test');
  const evil = await context.newPage();
  await evil.goto(`${rebound}/sign-in`);
  const seen = await evil.evaluate(async (asked) => {
    const answers = [fetch('/outbox'), fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: asked })];
    return Promise.all(answers.map(async (answer) => (await answer).status));
  }, JSON.stringify(rename('Stolen')));
  assert.deepEqual(seen, [404, 401]);
  assert.deepEqual(await state(), before);
  server.close();
  // The same from our own page is done: what was refused was refused for where it came from. A mail comes after those that were asked
  // for before, and it is the only one.
  const own = (path, body) => page.evaluate(async ([path, body]) => {
    const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return answer.json();
  }, [path, JSON.stringify(body)]);
  assert.deepEqual((await own('/graphql', rename('Tamm & Co'))).data.renameCompany.userErrors, []);
  assert.ok((await appended()) > before[0]);
  await own('/auth/forgot', { email: mira.email });
  await mailed(mira.email, 'reset_password');
  assert.equal((await outbox()).length, before[1] + 1);
  await context.close();
  return `${count} attempts, 0 successes`;
}
