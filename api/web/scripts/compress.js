// Compresses what is served once, at build time: as well as it can be done, for it is sent often.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** All but pictures and fonts, which are packed already. */
const PACKED = /\.(js|css|html|svg|json|webmanifest|wasm)$/;

for (const path of readdirSync('dist', { recursive: true, encoding: 'utf8' }).map((one) => join('dist', one))) {
  if (!PACKED.test(path) || !statSync(path).isFile() || path.includes('.vite')) continue;
  const bytes = readFileSync(path);
  // The page itself is not the same twice: it has a number of its own in every answer.
  if (path.endsWith('index.html')) continue;
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  for (const [ending, packed] of [
    ['br', brotliCompressSync(bytes, best)],
    ['gz', gzipSync(bytes, { level: 9 })],
  ]) {
    if (packed.length < bytes.length) writeFileSync(`${path}.${ending}`, packed);
  }
}
