import { describe, expect, it } from 'vitest';
import { Codes, drawn, FORMATS, partOf, suffices, typed } from './codes';

const at = (x: number, y: number) => [
  { x: x - 10, y: y - 10 },
  { x: x + 10, y: y - 10 },
  { x: x + 10, y: y + 10 },
  { x: x - 10, y: y + 10 },
];
const read = (rawValue: string, format = 'code_128', x = 200, y = 100) => ({ rawValue, format, cornerPoints: at(x, y) });
const size = { width: 400, height: 200 };

describe('what a camera reads', () => {
  it('is taken at once where the code checks itself', () => {
    expect(new Codes().take([read('B-4711')], size)).toBe('B-4711');
    expect(new Codes().take([read('B-4711', 'qr_code')], size)).toBe('B-4711');
  });

  it('is read twice alike where the code has no check', () => {
    for (const format of ['code_39', 'itf']) {
      const codes = new Codes();
      expect(codes.take([read('4711', format)], size)).toBeUndefined();
      expect(codes.take([read('4771', format)], size)).toBeUndefined();
      expect(codes.take([], size)).toBeUndefined();
      expect(codes.take([read('4771', format)], size)).toBe('4771');
    }
  });

  it('is the code in the middle, of several', () => {
    const reads = [read('edge', 'code_128', 20, 20), read('middle', 'code_128', 190, 110), read('far', 'qr_code', 390, 100)];
    expect(new Codes().take(reads, size)).toBe('middle');
  });

  it('is what a scanner would type', () => {
    expect(typed(' 4711\r\n')).toBe('4711');
    expect(typed('01\u001d4711\u0000')).toBe('014711');
    expect(typed('Ä-7 ß')).toBe('Ä-7 ß');
  });

  it('is nothing where nothing is in it, or too much', () => {
    const codes = new Codes();
    expect(codes.take([], size)).toBeUndefined();
    expect(codes.take([read(' \u0000')], size)).toBeUndefined();
    expect(codes.take([read('x'.repeat(129))], size)).toBeUndefined();
    expect(codes.take([read(''), read('x'.repeat(128), 'qr_code', 0, 0)], size)).toBe('x'.repeat(128));
  });
});

describe('the reader of the browser', () => {
  it('does only where it reads what shops print', () => {
    expect(suffices(FORMATS)).toBe(true);
    expect(suffices(['qr_code', 'code_128', 'code_39', 'ean_13'])).toBe(false);
    expect(suffices(['qr_code'])).toBe(false);
    expect(suffices([])).toBe(false);
  });
});

describe('the part of the picture in the frame', () => {
  it('is the same part where the picture is as wide as the view', () => {
    expect(partOf({ width: 1280, height: 720 }, { width: 640, height: 360 }, { x: 160, y: 90, width: 320, height: 180 })).toEqual({
      x: 320,
      y: 180,
      width: 640,
      height: 360,
    });
  });

  it('leaves out what the view cuts off at the sides, or above and below', () => {
    // Upright, the view shows the middle of a lying picture: 360 of its 1280 columns.
    expect(partOf({ width: 1280, height: 720 }, { width: 360, height: 720 }, { x: 0, y: 0, width: 360, height: 720 })).toEqual({
      x: 460,
      y: 0,
      width: 360,
      height: 720,
    });
    expect(partOf({ width: 640, height: 480 }, { width: 640, height: 240 }, { x: 40, y: 20, width: 560, height: 200 })).toEqual({
      x: 40,
      y: 140,
      width: 560,
      height: 200,
    });
  });

  it('is never beyond the picture', () => {
    expect(partOf({ width: 100, height: 100 }, { width: 100, height: 100 }, { x: -20, y: -20, width: 300, height: 300 })).toEqual({
      x: 0,
      y: 0,
      width: 100,
      height: 100,
    });
  });

  it('is drawn no larger than it is, nor than is read well', () => {
    expect(drawn({ width: 2000, height: 1000 }, 1000)).toEqual({ width: 1000, height: 500 });
    expect(drawn({ width: 300, height: 200 }, 1000)).toEqual({ width: 300, height: 200 });
    expect(drawn({ width: 4000, height: 1 }, 1000)).toEqual({ width: 1000, height: 1 });
  });
});
