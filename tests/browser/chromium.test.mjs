// Chromium with scripts disabled: every page by pointer, at three widths, light and dark; pictures are kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { WORK, context, firstBoot, foreign, openChromium } from './console.mjs';
import { cas, importFiles, leave, logIn, make, pictured, rest, setUp, waiting } from './walk.mjs';

let browser, file;
before(async () => {
  browser = await openChromium();
  file = foreign(path.join(WORK, 'foreign'));
});
after(() => browser.close());

for (const width of [320, 768, 1280]) {
  for (const scheme of ['light', 'dark']) {
    test(`the whole console works by pointer without scripts at ${width} px, ${scheme}`, async (t) => {
      const console_ = await firstBoot(t);
      const page = await (await context(browser, { width, scheme })).newPage();
      const see = pictured(page, `${width}-${scheme}`);
      await setUp(page, console_, see);
      await make(page, console_, 'nas', see);
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('a:has-text("Download request")')]);
      assert.equal(download.suggestedFilename(), 'nas.csr');
      await importFiles(page, console_, 'imported', file, see);
      await rest(page, console_, 'nas', see);
      await cas(page, console_, 'nas', see);
      await waiting(page, console_, see);
      await leave(page, console_, see);
    });
  }
}

test('the list has pages, an order and a search, and shows what is damaged', async (t) => {
  const console_ = await firstBoot(t);
  const page = await (await context(browser)).newPage();
  await setUp(page, console_, async () => {});
  for (let at = 1; at <= 51; at++) {
    console_.signet('csr', 'create', '--name', `unit-${String(at).padStart(2, '0')}`, '--key-type', 'EC', '--ec-curve', at % 2 ? 'ed25519' : 'SECP256R1', '--country', 'DE', '--state', 'Berlin', '--city', 'Berlin', '--organization', 'Example GmbH', '--email', 'root@nas.local', '--san', `unit-${at}.example.org`);
  }
  fs.writeFileSync(path.join(console_.data, 'csrs', 'a-damaged.pem'), 'nothing', { mode: 0o600 });
  const full = await page.goto(`${console_.url}/csrs`);
  const { responseHeadersSize, responseBodySize } = await full.request().sizes();
  assert.ok(responseHeadersSize + responseBodySize <= 6 * 1024, `a full list: ${responseHeadersSize + responseBodySize} bytes`);
  assert.equal(await page.locator('tbody tr').count(), 50);
  assert.equal(await page.locator('tr:has(a[href="/csrs/a-damaged"]) .status.bad').count(), 1);
  await page.screenshot({ path: path.join(WORK, 'shots', 'list-of-many.png') });
  await page.click('text=Next');
  assert.equal(await page.locator('tbody tr').count(), 2);
  await page.click('th a:has-text("Name")');
  assert.equal(await page.locator('th[aria-sort=descending]').count(), 1);
  assert.match(await page.locator('tbody a').first().textContent(), /^unit-51/);
  await page.fill('#q', 'UNIT-17.example');
  await page.press('#q', 'Enter');
  assert.equal(await page.locator('tbody tr').count(), 1);
  await page.click('text=Show all');
});

test('a change of zoom, less motion and forced colours leave the page whole', async (t) => {
  const console_ = await firstBoot(t);
  const page = await (await context(browser, { width: 640, reducedMotion: 'reduce', forcedColors: 'active', deviceScaleFactor: 2 })).newPage();
  await setUp(page, console_, async () => {});
  await page.goto(`${console_.url}/wizard`);
  const border = await page.$eval('button[name=next]', (button) => getComputedStyle(button).borderStyle);
  assert.equal(border, 'solid', 'a button has an edge where colours are forced');
  const motion = await page.$eval('button[name=next]', (button) => getComputedStyle(button).transitionDuration);
  assert.equal(motion, '0s');
  await page.screenshot({ path: path.join(WORK, 'shots', 'forced-colours.png') });
});
