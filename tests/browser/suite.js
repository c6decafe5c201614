// Usage: ./run (which serves Kilter), or KILTER_TEST_URL=http://localhost:8080 CHROMIUM=/usr/bin/chromium node suite.js
import { appendFileSync } from 'node:fs';
import { app } from './app.js';
import { access } from './app_access.js';
import { andon } from './app_andon.js';
import { graphiql } from './app_graphiql.js';
import { jobs } from './app_jobs.js';
import { setting } from './app_people.js';
import { board } from './app_board.js';
import { camera } from './app_camera.js';
import { door } from './app_door.js';
import { firstRun } from './app_first_run.js';
import { settingsAndMembers } from './app_settings.js';
import { replay } from './app_replay.js';
import { terminal } from './app_terminal.js';
import { wall } from './app_wall.js';
import { foreign } from './foreign.js';
import { appUrl, launch } from './kilter.js';
import { languages } from './languages.js';
import { people } from './people.js';
import { texts } from './texts.js';

const parts = {
  'people come in with an app and with a passkey, and a copy of it does not': people,
  'a foreign page gets nowhere (F23)': foreign,
  'what people type is text on every page (F26)': texts,
  'pages where people come in speak four languages': languages,
  'the app: in, live, ended meanwhile, by keyboard, without network': app,
  'the app looks back: as it was, by link, by keys and as a film': replay,
  'the app on the wall: live, stale, by pages': wall,
  'the app at the terminal: paired, by PIN and badge, without network, refused, revoked': terminal,
  'the app: somebody calls for help, from the tablet to the office and the wall': andon,
  'the app at the terminal, by camera: badges, jobs and codes are read, and why there is no picture': camera,
  'the app: GraphiQL asks, changes and follows as who is in': graphiql,
  'the app: jobs found, changed, created, by two at once': jobs,
  'the app: people, calendars and machines set up': setting,
  'the app leads a new company from a file to its first plan': firstRun,
  'the app: members and settings': settingsAndMembers,
  'the app shows what people type as text, and to no other site (F23, F26)': door,
  'the app: the board of the sample company': board,
  'the app keeps nobody out, in both themes and in longer words': access,
};

const browser = await launch();

/** What the pages that a part has left open show; they are closed. */
async function whatIsShown() {
  const shown = [];
  for (const page of browser.contexts().flatMap((context) => context.pages())) {
    const text = await page.evaluate(() => document.body.innerText).catch((error) => String(error));
    shown.push(`    it shows ${page.url().replace(/#.*/, '')}: ${text.replace(/\s+/g, ' ').slice(0, 700)}`);
  }
  await Promise.all(browser.contexts().map((context) => context.close()));
  return shown.join('\n');
}

let failed = 0;
const page = await (await fetch(appUrl, { headers: { accept: 'text/html' } })).text();
const isBuiltIn = page.includes('id="root"');
// Words of the command line name parts.
const wanted = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) {
  if (!isBuiltIn && name.startsWith('the app')) {
    console.log(`${name} · skipped: this binary was built without the web app`);
    continue;
  }
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
  const began = Date.now();
  const outcome = await part(browser).then((said) => `ok    ${said ?? ''}`, async (error) => {
    failed += 1;
    // For who tries those that failed once more.
    if (process.env.KILTER_FAILED) appendFileSync(process.env.KILTER_FAILED, `${name}\n`);
    return `FAIL  ${error.stack}\n${await whatIsShown()}`;
  });
  console.log(`${name} · ${((Date.now() - began) / 1000).toFixed(1)} s · ${outcome}`);
}
await browser.close();
process.exit(failed ? 1 : 0);
