import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { pairingAddress } from '../terminal/core/pairing';
import { QrCode } from './QrCode';

/** What a camera sees of the picture, so many pixels for each module. */
function seen(svg: string, scale: number): ImageData {
  const modules = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const width = modules * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1/g)) {
    for (let at = 0; at < scale * scale; at += 1) {
      const [column, row] = [Number(x) * scale + (at % scale), Number(y) * scale + Math.floor(at / scale)];
      data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
    }
  }
  return { data, width, height: width, colorSpace: 'srgb' } as ImageData;
}

describe('the picture of a code', () => {
  it('is read by what the terminal reads codes with', async () => {
    const wasmBinary = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
    await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasmBinary).buffer }, fireImmediately: true });
    const address = pairingAddress('https://kilter.a-company-with-a-long-name.example:8443', 'ABCD-EF23');
    const svg = renderToStaticMarkup(<QrCode text={address} label="code" />);
    const [found, ...others] = await readBarcodes(seen(svg, 4), { formats: ['QRCode'] });
    expect([found?.text, others]).toEqual([address, []]);
    expect(svg).not.toContain('ABCD');
  });
});
