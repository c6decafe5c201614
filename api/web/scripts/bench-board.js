// `npm run bench:board`: how fast the board is, in Chromium without a graphics card. It drags a bar about with the mouse, drags it to the
// edge so that the board scrolls, pans and zooms, and prints frames a second and the 95th percentile of the time between frames beside
// what they should be: of the bare canvas, and of the screen as people have it, built as for production, with React, its address and
// live news, before a Kilter of made-up bars (bench/kilter.js). Words name what is measured: `npm run bench:board screen`.
// Needs `npm ci` in tests/browser; CHROMIUM names the browser.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, createServer, preview } from 'vite';
import { chromium } from '../../../tests/browser/node_modules/playwright-core/index.mjs';
import { standIn } from '../bench/kilter.js';

const [FPS, P95_MS] = [50, 25];
const DAY = 86_400_000;
const BARS = [2_000, 10_000];

const server = await createServer({ logLevel: 'error', server: { port: 0, host: '127.0.0.1', proxy: {} } });
await server.listen();
const { MONDAY, sampleShop } = await server.ssrLoadModule('/src/board/sample.ts');
const shopOf = (bars) => sampleShop(bars, bars > 5_000 ? 500 : 100);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
});

/** Runs in the page: the board, and the times between frames from `begin` to `stop`. */
function inPage() {
  const at = [];
  let going = false;
  const tick = (now) => {
    at.push(now);
    if (going) requestAnimationFrame(tick);
  };
  window.measure = {
    board: () => window.bench?.board ?? document.querySelector('[data-board]')?.board,
    begin: () => {
      at.length = 0;
      going = true;
      requestAnimationFrame(tick);
    },
    stop: () => {
      going = false;
      return at.slice(1).map((one, index) => one - at[index]);
    },
  };
}

async function opened() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 } });
  await page.addInitScript(inPage);
  return page;
}

const subjects = {
  /** The canvas alone, on an empty page. */
  canvas: async (bars) => {
    const page = await opened();
    await page.goto(`http://127.0.0.1:${server.httpServer.address().port}/bench/board.html`);
    await page.waitForFunction(() => window.bench !== undefined);
    await page.evaluate((count) => window.bench.fill(count), bars);
    return { page, until: MONDAY + (bars > 5_000 ? 24 : 9) * DAY };
  },
  /** The screen, with all that is around it. It has less room than the bare canvas: as much time as is not yet drawn as heat. */
  screen: async (bars) => {
    const page = await opened();
    const heard = await standIn(page, shopOf(bars));
    const until = MONDAY + (bars > 5_000 ? 18 : 9) * DAY;
    const seen = `from=${new Date(MONDAY).toISOString()}&until=${new Date(until).toISOString()}`;
    await page.goto(`${(await app()).url}/board?${seen}`);
    await page.waitForFunction(() => (window.measure.board()?.hits().length ?? 0) > 0);
    return { page, until, heard };
  },
};

let served;
/** The app as it is built for people, served once. */
async function app() {
  if (served) return served;
  const outDir = mkdtempSync(join(tmpdir(), 'kilter-bench-'));
  await build({ logLevel: 'silent', build: { outDir, emptyOutDir: true } });
  const site = await preview({ logLevel: 'error', build: { outDir }, preview: { host: '127.0.0.1', proxy: {} } });
  served = { url: site.resolvedUrls.local[0].replace(/\/$/, ''), site, outDir };
  return served;
}

async function measured(page, work) {
  await page.evaluate(() => window.measure.begin());
  await work();
  const frames = (await page.evaluate(() => window.measure.stop())).sort((one, other) => one - other);
  return { fps: (1000 * frames.length) / frames.reduce((sum, one) => sum + one, 0), p95: frames[Math.floor(frames.length * 0.95)] };
}

/** What is done with the mouse, on a board in this box of the window. */
function worksOf(page, box) {
  const [middleX, middleY, right] = [box.x + box.width / 2, box.y + box.height / 2, box.x + box.width];
  const moves = async (steps, place) => {
    for (let step = 0; step < steps; step += 1) await page.mouse.move(...place(step));
  };
  const grab = async () => {
    const hit = await page.evaluate(
      ([left, top]) => {
        const board = window.measure.board();
        return board.hits().find(({ key, x, width, y }) => board.movable(board.model.bar(key)) && x > left && width > 6 && y > top);
      },
      [box.x + 400, box.y + 200],
    );
    await page.mouse.move(hit.x + hit.width / 2, hit.y + 12);
    await page.mouse.down();
  };
  const letGo = async () => {
    // A measurement of nothing is none.
    if (!(await page.evaluate(() => window.measure.board().proposal))) throw new Error('nothing was dragged');
    await page.keyboard.press('Escape');
    await page.mouse.up();
  };
  return {
    drag: async () => {
      await grab();
      await moves(150, (step) => [middleX + 300 * Math.sin(step / 12), middleY + 200 * Math.cos(step / 17)]);
      await letGo();
    },
    'drag at the edge': async () => {
      await grab();
      await moves(10, (step) => [middleX + (step * (right - middleX)) / 10, middleY]);
      await moves(100, (step) => [right - 10, middleY + (step % 5)]);
      await letGo();
    },
    pan: async () => {
      await page.mouse.move(middleX, box.y + 20);
      await page.mouse.down();
      await moves(120, (step) => [middleX + 200 * Math.sin(step / 10), box.y + 20]);
      await page.mouse.up();
    },
    zoom: async () => {
      await page.mouse.move(middleX, box.y + 20);
      for (let step = 0; step < 60; step += 1) await page.mouse.wheel(0, step % 30 < 15 ? -60 : 60);
    },
  };
}

async function bench(name, bars) {
  const { page, until, heard } = await subjects[name](bars);
  const box = await page.evaluate(() => {
    const { x, y, width, height } = window.measure.board().host.getBoundingClientRect();
    return { x, y, width, height };
  });
  let isMissed = false;
  for (const [what, work] of Object.entries(worksOf(page, box))) {
    const inSight = await page.evaluate(
      ([from, end]) => {
        const board = window.measure.board();
        board.show(from, end);
        board.flush();
        return board.hits().length;
      },
      [MONDAY, until],
    );
    await page.waitForTimeout(1_000);
    const { fps, p95 } = await measured(page, work);
    const isHeld = fps >= FPS && p95 <= P95_MS;
    isMissed ||= !isHeld && what.startsWith('drag');
    const figures = `${fps.toFixed(0).padStart(4)} fps (≥ ${FPS})  p95 ${p95.toFixed(1).padStart(5)} ms (≤ ${P95_MS})`;
    const where = `${name}  ${String(bars).padStart(6)} bars, ${String(inSight).padStart(5)} in sight`;
    console.log(`${where}  ${what.padEnd(17)} ${figures}  ${isHeld ? 'held' : 'MISSED'}`);
  }
  if (heard && heard() === 0) throw new Error('no news came while it was measured');
  await page.close();
  return isMissed;
}

const wanted = process.argv.slice(2);
let isMissed = false;
for (const name of Object.keys(subjects).filter((one) => wanted.length === 0 || wanted.includes(one))) {
  for (const bars of BARS) isMissed = (await bench(name, bars)) || isMissed;
}
await browser.close();
await server.close();
if (served) {
  await served.site.close();
  rmSync(served.outDir, { recursive: true });
}
process.exit(isMissed ? 1 : 0);
