// Usage: tests/browser/pictures [FOLDER]
import { mkdirSync } from 'node:fs';
import { launch, url } from './kilter.js';

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const browser = await launch();
for (const colorScheme of ['light', 'dark']) {
  for (const [form, width, height] of [['wide', 1440, 900], ['narrow', 390, 844]]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height }, locale: 'en-GB', timezoneId: 'Europe/Tallinn', reducedMotion: 'reduce' });
    // The token of the sample company's admin, as the cookie of a session.
    await context.addCookies([{ name: '__Host-kilter', value: process.env.KILTER_TOKEN, url: url.replace('http:', 'https:'), secure: true }]);
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('nav a[href]').first().waitFor();
    const links = await page.locator('nav a[href]').evaluateAll((all) => all.map((link) => new URL(link.href).pathname));
    for (const path of [...new Set(links), '/?job=4149', '/board?at=2300', '/jobs/4149', '/jobs/new', '/people?person=206', '/machines?center=MILL']) {
      await page.goto(url + path);
      await page.waitForFunction(() => document.querySelector('main h1') && !document.querySelector('[class*=skeleton]'));
      if (path.includes('job=')) await page.getByRole('dialog').getByRole('heading', { level: 3 }).first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      const name = path === '/' ? 'today' : path.replace(/\W+/g, '-').replace(/^-/, '');
      await page.screenshot({ path: `${folder}/${name}-${form}-${colorScheme}.png` });
      console.log(`${folder}/${name}-${form}-${colorScheme}.png`);
    }
    await context.close();
  }
}
await browser.close();
