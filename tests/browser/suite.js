// Usage: ./run (which serves Kilter), or KILTER_TEST_URL=http://localhost:8080 CHROMIUM=/usr/bin/chromium node suite.js
import { foreign } from './foreign.js';
import { launch } from './kilter.js';
import { people } from './people.js';
import { texts } from './texts.js';

const parts = {
  'people come in with an app and with a passkey, and a copy of it does not': people,
  'a foreign page gets nowhere (F23)': foreign,
  'what people type is text on every page (F26)': texts,
};

const browser = await launch();
let failed = 0;
for (const [name, part] of Object.entries(parts)) {
  const began = Date.now();
  const outcome = await part(browser).then((said) => `ok    ${said ?? ''}`, (error) => {
    failed += 1;
    return `FAIL  ${error.stack}`;
  });
  console.log(`${name} · ${((Date.now() - began) / 1000).toFixed(1)} s · ${outcome}`);
}
await browser.close();
process.exit(failed ? 1 : 0);
