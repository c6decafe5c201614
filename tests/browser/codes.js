// What a camera is shown: bar codes drawn on paper, a little askew, as a film that Chromium takes for its camera (YUV4MPEG2).
import { writeFileSync } from 'node:fs';

/** Widths of bars and gaps of the signs of Code 128, by their values; the last ends a code. */
const CODE_128 = (
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221 223211 221132 '
  + '221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 '
  + '231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 '
  + '314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 '
  + '111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 '
  + '114131 311141 411131 211412 211214 211232 2331112'
).split(' ');
const [START_B, STOP] = [104, 106];

/** Bars (true) and gaps of the narrowest width. */
const modules = (widths) => [...widths].flatMap((width, at) => Array(Number(width)).fill(at % 2 === 0));

/** As badges are printed: letters, digits and signs, with a check. */
export function code128(text) {
  const values = [...text].map((sign) => sign.charCodeAt(0) - 32);
  const check = values.reduce((sum, value, at) => sum + value * (at + 1), START_B) % 103;
  return [START_B, ...values, check, STOP].flatMap((value) => modules(CODE_128[value]));
}

/** Wide ones of the nine bars and gaps of a sign. */
const CODE_39 = {
  0: '111221211', 1: '211211112', 2: '112211112', 3: '212211111', 4: '111221112', 5: '211221111', 6: '112221111', 7: '111211212', 8: '211211211', 9: '112211211',
  '*': '121121211',
};

/** As job sheets are printed since the seventies: digits, without a check. */
export const code39 = (digits) => [...`*${digits}*`].flatMap((sign) => [...modules(CODE_39[sign].replaceAll('2', '3')), false]);

const [WIDTH, HEIGHT, FRAMES, QUIET] = [1280, 720, 4, 12];
const [WALL, PAPER, INK] = [120, 225, 40];

/** How bright it is there: a bar, paper, or what is behind it. */
function shade(bars, x, y) {
  const total = bars.length + 2 * QUIET;
  const wide = Math.min(7, Math.floor(860 / total));
  const at = Math.floor(x / wide + total / 2) - QUIET;
  if (Math.abs(y) > 170 || at < -QUIET || at >= bars.length + QUIET) return WALL;
  return Math.abs(y) < 120 && bars[at] ? INK : PAPER;
}

/** A film of paper with these bars, held by a hand: turned by a few degrees, moving a little, with noise. No bars: only the wall. */
export function film(path, bars) {
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420mpeg2\n`)];
  const colour = Buffer.alloc(WIDTH * HEIGHT / 2, 128);
  let noise = 1;
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const [sin, cos] = [Math.sin(0.05 + frame / 200), Math.cos(0.05 + frame / 200)];
    const bright = Buffer.alloc(WIDTH * HEIGHT);
    for (let y = 0; y < HEIGHT; y += 1) {
      for (let x = 0; x < WIDTH; x += 1) {
        const [right, down] = [x - WIDTH / 2 + frame, y - HEIGHT / 2];
        noise = (noise * 1103515245 + 12345) % 2147483648;
        const seen = bars ? shade(bars, right * cos + down * sin, down * cos - right * sin) : WALL;
        bright[y * WIDTH + x] = seen + (noise >> 16) % 24 - 12;
      }
    }
    parts.push(Buffer.from('FRAME\n'), bright, colour);
  }
  writeFileSync(path, Buffer.concat(parts));
}
