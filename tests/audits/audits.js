// The audit suite of GraphQL over HTTP (npm graphql-http) against a served Kilter.
// Usage: KILTER_TEST_URL=http://127.0.0.1:8080/graphql KILTER_TEST_TOKEN=… node audits.js
import { serverAudits } from 'graphql-http';

const url = process.env.KILTER_TEST_URL;
const token = process.env.KILTER_TEST_TOKEN;

const fetchFn = (input, init = {}) => {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  return fetch(input, { ...init, headers });
};

let passed = 0;
let failed = 0;
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  if (result.status === 'ok') {
    passed += 1;
  } else {
    failed += 1;
    console.log(`${result.status}: ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
