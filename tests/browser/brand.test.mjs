// A branded console: pictures of every page, axe, contrast and widths, in light and dark. A name of the greatest length, a wide
// logo, and colours that just have the contrast that is needed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { WORK, context, firstBoot, openChromium } from './console.mjs';
import { cas, leave, make, rest, setUp } from './walk.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
const NAME = 'Example Vendor NAS Certificate Manager 2';

// The files belong to root, and so do the folders on the way to them: without root there is no brand.
const skip = process.getuid() === 0 ? false : 'only root can own what root alone can write to';

let browser, vendor;
before(async () => {
  browser = await openChromium();
  vendor = fs.mkdtempSync(path.join('/var/tmp', 'vendor-'));
  fs.chmodSync(vendor, 0o755);
  const logo = (colour) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32"><title>Example</title><rect width="32" height="32" rx="6" fill="${colour}"/><path d="M8 24V8h3l10 11V8h3v16h-3L11 13v11z" fill="#fff"/><g fill="none" stroke="${colour}" stroke-width="4"><path d="M42 8h18M42 16h14M42 24h18M70 8l14 16M84 8L70 24M94 24V8h16v8H94"/></g></svg>`;
  fs.writeFileSync(path.join(vendor, 'logo.svg'), logo('#8a1c5b'), { mode: 0o644 });
  fs.writeFileSync(path.join(vendor, 'dark.svg'), logo('#ff9ed2'), { mode: 0o644 });
  fs.writeFileSync(path.join(vendor, 'help.html'), '<p>Call us: <strong>+49 30 0000</strong>.</p>\n<h2>First steps</h2>\n<ol><li><a href="/wizard">Add a request</a></li><li>Send it to your CA</li></ol>\n<dl><dt>CSR</dt><dd>Run <code>nas-certs csr list</code>.</dd></dl>', { mode: 0o644 });
});
after(async () => {
  fs.rmSync(vendor, { recursive: true });
  await browser.close();
});

const config = () => `[brand]\nname = "${NAME}"\ncommand = "nas-certs"\nlogo = "${vendor}/logo.svg"\nlogo_dark = "${vendor}/dark.svg"\nhelp = "${vendor}/help.html"\naccent = "#8a1c5b"\naccent_dark = "#ff9ed2"\nsupport_url = "https://support.example.com/"\nsupport_text = "Support for Example NAS"\nreset_button = "the button Reset on the back"\n`;

async function looked(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async (tags) => {
    const folded = [...document.querySelectorAll('details:not([open])')];
    for (const part of folded) part.open = true;
    const found = await window.axe.run(document, { runOnly: tags });
    for (const part of folded) part.open = false;
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  }, TAGS);
  return found;
}

for (const width of [320, 1280]) {
  for (const scheme of ['light', 'dark']) {
    test(`every page of a branded console is read and fits at ${width} px, ${scheme}`, { skip }, async (t) => {
      const console_ = await firstBoot(t, config(), 'nas01');
      const shots = path.join(WORK, 'shots', `brand-${width}-${scheme}`);
      fs.rmSync(shots, { recursive: true, force: true });
      fs.mkdirSync(shots, { recursive: true });
      const page = await (await context(browser, { width, scheme, scripts: true })).newPage();
      const found = [];
      let number = 0;
      const see = async (name) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
        assert.ok((await page.title()).endsWith(` – ${NAME}`), await page.title());
        assert.ok(!/signet/i.test(await page.content()) || name === 'licences', `${name} has our name`);
        const cut = await page.$$eval('a.brand .product, .foot a', (all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline').map((one) => one.textContent));
        assert.deepEqual(cut, [], `${name}: cut`);
        await page.screenshot({ path: path.join(shots, `${String(++number).padStart(2, '0')}-${name}.png`), fullPage: true });
        for (const one of await looked(page)) found.push(`${name}: ${one}`);
      };
      await setUp(page, console_, see);
      await make(page, console_, 'nas', see);
      await rest(page, console_, 'nas', see);
      await cas(page, console_, 'nas', see);
      for (const route of ['help', 'licences', 'console']) {
        await page.goto(`${console_.url}/${route}`);
        await see(route);
      }
      await leave(page, console_, see);
      assert.deepEqual(found, []);
      assert.ok(number > 20, `${number} pages`);
    });
  }
}

test('the logo follows the screen, is drawn, and is harmless by itself', { skip }, async (t) => {
  const console_ = await firstBoot(t, config());
  for (const [scheme, file] of [['light', '/static/logo-'], ['dark', '/static/logo-dark-']]) {
    const page = await (await context(browser, { scheme, scripts: true })).newPage();
    await page.goto(console_.url);
    const drawn = await page.$eval('img.logo', (logo) => ({ source: new URL(logo.currentSrc).pathname, width: logo.naturalWidth, height: logo.clientHeight }));
    assert.ok(drawn.source.startsWith(file) && (scheme === 'dark' || !drawn.source.startsWith('/static/logo-dark-')), drawn.source);
    assert.ok(drawn.width > 0 && drawn.height === 32, JSON.stringify(drawn));
    const button = await page.$eval('main button', (one) => getComputedStyle(one).backgroundColor);
    assert.equal(button, scheme === 'light' ? 'rgb(138, 28, 91)' : 'rgb(255, 158, 210)');
    const alone = await page.goto(`${console_.url}${drawn.source}`);
    assert.equal(alone.headers()['content-security-policy'], "default-src 'none'; sandbox; frame-ancestors 'none'");
    await page.context().close();
  }
});
