// The client of npm graphql-ws against a served Kilter: what any front end would do.
// Usage: KILTER_TEST_URL=http://127.0.0.1:8080/graphql KILTER_TEST_TOKEN=… node sockets.js
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const url = process.env.KILTER_TEST_URL.replace(/^http/, 'ws');
const token = process.env.KILTER_TEST_TOKEN;

const client = (payload) =>
  createClient({ url, webSocketImpl: WebSocket, connectionParams: payload, retryAttempts: 0, lazy: true });

const query = (with_, document) =>
  new Promise((resolve, reject) => {
    let last;
    with_.subscribe({ query: document }, { next: (value) => (last = value), error: reject, complete: () => resolve(last) });
  });

const checks = {
  'a query is answered and completed': async () => {
    const kilter = client({ Authorization: `Bearer ${token}` });
    const answer = await query(kilter, '{ __typename }');
    await kilter.dispose();
    return answer.data.__typename === 'Query';
  },
  'a document that is refused is an error, not a closed socket': async () => {
    const kilter = client({ token });
    const errors = await query(kilter, '{ nothing }').catch((thrown) => thrown);
    const answer = await query(kilter, '{ __typename }');
    await kilter.dispose();
    return Array.isArray(errors) && answer.data.__typename === 'Query';
  },
  'a bad token closes with 4403': async () => {
    const closed = await query(client({ token: 'nonsense' }), '{ __typename }').catch((event) => event);
    return closed.code === 4403;
  },
  'the former subprotocol closes with 4406': async () => {
    const socket = new WebSocket(url);
    const code = await new Promise((resolve) => socket.on('close', resolve));
    return code === 4406;
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const ok = await Promise.resolve().then(check).catch((error) => (console.log(error), false));
  failed += ok ? 0 : 1;
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`);
}
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
