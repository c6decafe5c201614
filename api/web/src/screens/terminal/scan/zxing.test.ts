import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { BarcodeDetector, ZXING_WASM_SHA256 } from 'barcode-detector/ponyfill';
import { describe, expect, it } from 'vitest';
import { FORMATS } from './codes';

describe('the library that reads codes', () => {
  it('is given the .wasm that it was made for', () => {
    const served = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
    expect(createHash('sha256').update(served).digest('hex')).toBe(ZXING_WASM_SHA256);
  });

  it('reads every kind of code that is asked for', async () => {
    expect(await BarcodeDetector.getSupportedFormats()).toEqual(expect.arrayContaining([...FORMATS]));
  });
});
