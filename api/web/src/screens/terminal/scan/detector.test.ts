import { describe, expect, it, vi } from 'vitest';
import { FORMATS, type Read } from './codes';
import { detector } from './detector';

const read = (rawValue: string): Read => ({ rawValue, format: 'qr_code', cornerPoints: [] });
const picture = document.createElement('canvas');
const zxing = () => vi.fn(async () => ({ detect: async () => [read('by zxing')] }));

function nativeOf(formats: string[], detect: () => Promise<Read[]> = async () => [read('by the browser')]) {
  const asked: string[][] = [];
  class Native {
    static getSupportedFormats = async () => formats;
    detect = detect;
    constructor({ formats: wanted }: { formats: string[] }) {
      asked.push(wanted);
    }
  }
  return { Native, asked };
}

describe('what reads codes', () => {
  it('is the browser where it reads what is needed, and nothing else is loaded', async () => {
    const [{ Native, asked }, instead] = [nativeOf([...FORMATS.filter((format) => format !== 'upc_a'), 'unknown']), zxing()];
    const found = await (await detector(Native, instead)).detect(picture);
    expect(found).toEqual([read('by the browser')]);
    expect(instead).not.toHaveBeenCalled();
    expect(asked).toEqual([FORMATS.filter((format) => format !== 'upc_a')]);
  });

  it('is ZXing where the browser has none, or one that reads too little, or one that can’t say', async () => {
    const failing = nativeOf([]).Native;
    failing.getSupportedFormats = async () => Promise.reject(new Error('no service'));
    for (const native of [undefined, nativeOf([]).Native, nativeOf(['qr_code']).Native, failing]) {
      expect(await (await detector(native, zxing())).detect(picture)).toEqual([read('by zxing')]);
    }
  });

  it('is ZXing from then on where the browser gives up, loaded once', async () => {
    const detect = vi.fn(async () => Promise.reject(new DOMException('gone', 'NotSupportedError')));
    const [{ Native }, instead] = [nativeOf([...FORMATS], detect), zxing()];
    const one = await detector(Native, instead);
    expect(await one.detect(picture)).toEqual([read('by zxing')]);
    expect(await one.detect(picture)).toEqual([read('by zxing')]);
    expect(detect).toHaveBeenCalledOnce();
    expect(instead).toHaveBeenCalledOnce();
  });
});
