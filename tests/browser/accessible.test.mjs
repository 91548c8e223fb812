// axe on every page in every state, vnu on every page's HTML and on the style sheet, and what each page weighs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { WORK, context, firstBoot, foreign, openChromium } from './console.mjs';
import { answered, beyond } from './answer.mjs';
import { cas, certificateWithKey, importFiles, leave, make, rest, setUp, waiting } from './walk.mjs';

const HTML = path.join(WORK, 'html');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
// Bytes of head and body, as they go over the wire below TLS.
const WARM = 6 * 1024;
const COLD = 15 * 1024;

let browser, file;
before(async () => {
  browser = await openChromium();
  file = foreign(path.join(WORK, 'foreign'));
  fs.rmSync(HTML, { recursive: true, force: true });
  fs.mkdirSync(HTML, { recursive: true });
});
after(() => browser.close());

const weights = new Map();
let sheet = 0;

// By axe, with what is folded open meanwhile.
async function looked(page) {
  await page.evaluate(axe.source);
  return page.evaluate(async (tags) => {
    const folded = [...document.querySelectorAll('details:not([open])')];
    for (const part of folded) part.open = true;
    const found = await window.axe.run(document, { runOnly: tags });
    for (const part of folded) part.open = false;
    return found;
  }, TAGS);
}

async function everyPage(t, settings, see) {
  const console_ = await firstBoot(t);
  const page = await (await context(browser, settings)).newPage();
  let last;
  page.on('response', (response) => {
    if (response.request().resourceType() === 'document' && response.status() !== 303) last = response;
    if (response.url().endsWith('.css')) response.request().sizes().then((sizes) => { sheet ||= sizes.responseHeadersSize + sizes.responseBodySize; });
  });
  const seen = (name) => see(name, page, last);
  await setUp(page, console_, seen);
  await make(page, console_, 'nas', seen);
  await importFiles(page, console_, 'imported', file, seen);
  await rest(page, console_, 'nas', seen);
  await cas(page, console_, 'nas', seen);
  await answered(page, console_, 'nas', 'imported', seen);
  await beyond(page, console_, 'nas', seen);
  await waiting(page, console_, seen);
  await certificateWithKey(page, console_, 'certified', file, seen);
  await leave(page, console_, seen);
}

for (const settings of [{ width: 1280, scheme: 'light' }, { width: 320, scheme: 'dark' }]) {
  test(`axe finds no violation of WCAG 2.2 A or AA on any page in any state (${settings.width} px, ${settings.scheme})`, async (t) => {
    const found = [];
    await everyPage(t, { ...settings, scripts: true }, async (name, page, response) => {
      const { violations } = await looked(page);
      for (const { id, nodes } of violations) found.push(`${name}: ${id}: ${nodes.map((node) => node.html).join(' ')}`);
      if (settings.width !== 1280) return;
      fs.writeFileSync(path.join(HTML, `${name}.html`), await response.text());
      // That one came by way of this test.
      if (name === 'progress') return;
      const { responseHeadersSize, responseBodySize } = await response.request().sizes();
      weights.set(name, responseHeadersSize + responseBodySize);
    });
    assert.deepEqual(found, []);
  });
}

test('axe finds no violation in a list of fifty and where colours are forced', async (t) => {
  const console_ = await firstBoot(t);
  const page = await (await context(browser, { width: 320, scripts: true, forcedColors: 'active' })).newPage();
  const clean = async (name) => {
    const { violations } = await looked(page);
    assert.deepEqual(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0].html}`), []);
  };
  await setUp(page, console_, clean);
  for (let at = 1; at <= 52; at++) {
    console_.signet('csr', 'create', '--name', `unit-${at}`, '--key-type', 'EC', '--country', 'DE', '--state', 'Berlin', '--city', 'Berlin', '--organization', 'Example', '--email', 'root@nas.local', '--san', `unit-${at}.example.org`);
  }
  fs.writeFileSync(path.join(console_.data, 'csrs', 'a-damaged.pem'), 'nothing', { mode: 0o600 });
  for (const route of ['/csrs', '/csrs?page=2', '/csrs?q=unit-1&sort=key&order=desc', '/csrs/unit-1', '/audit']) {
    await page.goto(`${console_.url}${route}`);
    await clean(route);
  }
});

test('any page is at most 15 KiB with its style sheet, cold, and 6 KiB warm', () => {
  const rows = [...weights].sort((a, b) => b[1] - a[1]);
  fs.writeFileSync(path.join(WORK, 'weights.json'), JSON.stringify({ sheet, pages: Object.fromEntries(rows) }, null, 1));
  assert.ok(sheet > 0 && rows.length > 30);
  for (const [name, bytes] of rows) {
    assert.ok(bytes <= WARM, `${name}: ${bytes} bytes`);
    assert.ok(bytes + sheet <= COLD, `${name}: ${bytes + sheet} bytes with the sheet`);
  }
});

test('vnu finds no error in any page or in the style sheet', () => {
  const vnu = createRequire(import.meta.url)('vnu-jar');
  for (const args of [['--errors-only', HTML], ['--errors-only', '--css', path.resolve('static/signet.css')], ['--errors-only', '--svg', path.resolve('static/icon.svg')]]) {
    const { status, stderr } = spawnSync('java', ['-jar', vnu, ...args], { encoding: 'utf8' });
    assert.equal(`${stderr}`, '', args.join(' '));
    assert.equal(status, 0);
  }
});
