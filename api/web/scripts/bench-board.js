// `npm run bench:board`: how fast the board is, in Chromium without a graphics card. It drags a bar about with the mouse, drags it to the
// edge so that the board scrolls, pans and zooms, and prints frames a second and the 95th percentile of the time between frames beside
// what they should be. Needs `npm ci` in tests/browser; CHROMIUM names the browser.
import { createServer } from 'vite';
import { chromium } from '../../../tests/browser/node_modules/playwright-core/index.mjs';

const [FPS, P95_MS] = [50, 25];
const server = await createServer({ logLevel: 'error', server: { port: 0, host: '127.0.0.1', proxy: {} } });
await server.listen();
const { port } = server.httpServer.address();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 860 } });
await page.goto(`http://127.0.0.1:${port}/bench/board.html`);
await page.waitForFunction(() => window.bench !== undefined);

async function measured(work) {
  await page.evaluate(() => {
    window.bench.stop = window.bench.watch();
  });
  await work();
  const frames = (await page.evaluate(() => window.bench.stop())).sort((one, other) => one - other);
  const p95 = frames[Math.floor(frames.length * 0.95)];
  return { fps: (1000 * frames.length) / frames.reduce((sum, one) => sum + one, 0), p95 };
}

const moves = async (steps, place) => {
  for (let step = 0; step < steps; step += 1) await page.mouse.move(...place(step));
};

async function grab() {
  const hit = await page.evaluate(() => {
    const { board } = window.bench;
    return board.hits().find(({ key, x, width, y }) => board.movable(board.model.bar(key)) && x > 500 && width > 6 && y > 200);
  });
  await page.mouse.move(hit.x + hit.width / 2, hit.y + 12);
  await page.mouse.down();
}

const works = {
  drag: async () => {
    await grab();
    await moves(150, (step) => [700 + 300 * Math.sin(step / 12), 400 + 200 * Math.cos(step / 17)]);
    await page.keyboard.press('Escape');
    await page.mouse.up();
  },
  'drag at the edge': async () => {
    await grab();
    await moves(10, (step) => [700 + step * 72, 500]);
    await moves(100, (step) => [1430, 500 + (step % 5)]);
    await page.keyboard.press('Escape');
    await page.mouse.up();
  },
  pan: async () => {
    await page.mouse.move(800, 20);
    await page.mouse.down();
    await moves(120, (step) => [800 + 200 * Math.sin(step / 10), 20]);
    await page.mouse.up();
  },
  zoom: async () => {
    await page.mouse.move(800, 20);
    for (let step = 0; step < 60; step += 1) await page.mouse.wheel(0, step % 30 < 15 ? -60 : 60);
  },
};

let missed = false;
for (const bars of [2_000, 10_000]) {
  for (const [name, work] of Object.entries(works)) {
    const inSight = await page.evaluate((count) => window.bench.fill(count), bars);
    const { fps, p95 } = await measured(work);
    const held = fps >= FPS && p95 <= P95_MS;
    missed ||= !held && name.startsWith('drag');
    const figures = `${fps.toFixed(0).padStart(4)} fps (≥ ${FPS})  p95 ${p95.toFixed(1).padStart(5)} ms (≤ ${P95_MS})`;
    console.log(
      `${String(bars).padStart(6)} bars, ${String(inSight).padStart(5)} in sight  ${name.padEnd(17)} ${figures}  ${held ? 'held' : 'MISSED'}`,
    );
  }
}
await browser.close();
await server.close();
process.exit(missed ? 1 : 0);
