// On paper a request's page is one sheet, nothing cut, the fingerprint whole as text and as QR code; the list is a table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { WORK, context, firstBoot, openChromium } from './console.mjs';
import { make, setUp } from './walk.mjs';

const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

test('a request prints on one page, with the full fingerprint, its words and its QR code', async (t) => {
  const browser = await openChromium(t);
  const console_ = await firstBoot(t);
  const page = await (await context(browser, { scheme: 'dark' })).newPage();
  const nothing = async () => {};
  await setUp(page, console_, nothing);
  await make(page, console_, 'nas', nothing);
  // A page that is still coming in prints as an empty sheet.
  await page.waitForLoadState('load');
  await page.locator('.words').waitFor({ state: 'attached' });
  const shown = JSON.parse(console_.signet('csr', 'show', 'nas', '--json'));
  const fingerprint = shown.spki_sha256.replaceAll(':', '').toUpperCase().match(/../g).join(':');
  for (const format of ['A4', 'Letter']) {
    const pdf = path.join(WORK, `sheet-${format}.pdf`);
    await page.pdf({ path: pdf, format, printBackground: false });
    assert.match(run('pdfinfo', pdf), /^Pages: +1$/m, format);
    const text = run('pdftotext', '-layout', pdf, '-');
    const packed = text.replace(/\s/g, '');
    assert.ok(packed.includes(fingerprint), text);
    const words = await page.$$eval('.words span', (spans) => spans.map((span) => span.textContent));
    assert.equal(words.length, 12);
    for (const part of [...words, 'nas.local', '2001:db8::7', 'ExampleGmbH', 'SERVER_AUTH', 'ofthedevice']) {
      assert.ok(packed.includes(part), part);
    }
    assert.ok(!packed.includes('BEGINCERTIFICATE') && !packed.includes('Logout'), 'no more than the clerk needs');
  }
  const picture = path.join(WORK, 'sheet');
  run('pdftoppm', '-png', '-r', '150', '-singlefile', path.join(WORK, 'sheet-A4.pdf'), picture);
  assert.equal(run('zbarimg', '--quiet', '--raw', `${picture}.png`).trim(), fingerprint);
});
