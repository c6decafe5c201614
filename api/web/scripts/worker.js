// Writes into the terminal's service worker what its page is made of: everything that /terminal loads, in all languages, and a version that
// changes with it.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const WORKER = 'dist/terminal-worker.js';
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const files = new Set();
const taken = new Set();

function take(key) {
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`the build has no ${key}`);
  if (taken.has(key)) return;
  taken.add(key);
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) if (!file.endsWith('.html')) files.add(`/${file}`);
  for (const imported of chunk.imports ?? []) take(imported);
}

take('index.html');
take('src/screens/terminal/Terminal.tsx');
// What reads codes by camera is loaded when it is needed first: the network may be gone by then.
take('src/screens/terminal/scan/zxing.ts');
for (const key of Object.keys(manifest)) if (/^src\/(app|design|screens\/terminal)\/texts\/\w+\.json$/.test(key)) take(key);

const list = [...files].filter((file) => !/\.(woff2)$/.test(file) || /-latin(-ext)?-/.test(file)).sort();
const before = readFileSync(WORKER, 'utf8');
const parts = { "'KILTER-VERSION'": '', 'const FILES = [];': '' };
const hash = createHash('sha256').update(before).update(readFileSync('dist/index.html')).update(list.join('\n')).digest('hex').slice(0, 16);
parts["'KILTER-VERSION'"] = JSON.stringify(hash);
parts['const FILES = [];'] = `const FILES = ${JSON.stringify(list)};`;
let written = before;
for (const [mark, text] of Object.entries(parts)) {
  if (written.split(mark).length !== 2) throw new Error(`${WORKER} has no ${mark}, or more than one`);
  written = written.replace(mark, () => text);
}
writeFileSync(WORKER, written);
