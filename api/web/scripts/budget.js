// What the first screen loads before it can be used, gzipped: the page, its scripts with all that they import, styles, texts of one
// language and the font of Latin letters. More than the budget fails the build.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 200;
const FIRST_SCREEN = 'src/screens/today/Today.tsx';

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const loaded = new Set(['index.html']);

function take(key) {
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`the build has no ${key}`);
  if (loaded.has(chunk.file)) return;
  for (const file of [chunk.file, ...(chunk.css ?? [])]) loaded.add(file);
  for (const imported of chunk.imports ?? []) take(imported);
}

take('index.html');
take(FIRST_SCREEN);
for (const key of Object.keys(manifest)) if (/^src\/(app|design|screens\/today)\/texts\/de\.json$/.test(key)) take(key);

const sizeOf = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length;
const sizes = [...loaded].map((file) => [file, sizeOf(file)]).sort(([, one], [, other]) => other - one);
const total = sizes.reduce((sum, [, size]) => sum + size, 0) / 1000;
if (process.argv.includes('--all')) for (const [file, size] of sizes) console.log(`${(size / 1000).toFixed(1).padStart(7)} kB  ${file}`);
console.log(
  `first load: ${total.toFixed(1)} kB gzip of ${BUDGET_KB} kB, ${sizes.length} files (fonts come beside it and are not waited for)`,
);
if (total > BUDGET_KB) process.exit(1);
