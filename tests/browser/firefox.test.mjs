// Firefox does the main flow too, driven by WebDriver BiDi.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import fs from 'node:fs';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { PASSWORD, WORK, firstBoot, openssl } from './console.mjs';
import { focused } from './walk.mjs';

test('Firefox makes a request, from first boot to download', async (t) => {
  const console_ = await firstBoot(t);
  const saved = fs.mkdtempSync(path.join(WORK, 'firefox-'));
  t.after(() => fs.rmSync(saved, { recursive: true }));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    acceptInsecureCerts: true,
    extraPrefsFirefox: { 'browser.download.folderList': 2, 'browser.download.dir': saved, 'browser.download.useDownloadDir': true },
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  const press = (selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
  await page.goto(console_.address);
  await page.type('#setup_code', console_.code);
  await page.type('#password', PASSWORD);
  await page.type('#password_confirm', PASSWORD);
  await press('main button');
  await press('main a[href="/wizard"]');
  await press('button[name=next]');
  assert.match(await page.title(), /^Error: /);
  await focused(page, 'summary');
  await page.type('#name', 'by-firefox');
  await page.select('#profile', 'https-rsa');
  await press('button[name=next]');
  assert.equal(await page.$eval('#ec_curve', (field) => field.checkVisibility()), false, 'a curve is no matter of RSA');
  await press('button[name=next]');
  await page.select('#country', 'DE');
  for (const [field, text] of [['state', 'Berlin'], ['city', 'Berlin'], ['organization', 'Example GmbH'], ['email', 'root@nas.local'], ['san', 'nas.local']]) {
    await page.type(`#${field}`, text);
  }
  await page.focus('#common');
  await page.keyboard.type('nas.example.org');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.equal(new URL(page.url()).pathname, '/wizard/constraints', 'Enter means Next');
  await press('button[name=next]');
  await press('button[name=save]');
  assert.equal(new URL(page.url()).pathname, '/csrs/by-firefox');
  await page.click('a[href="/csrs/by-firefox/download"]');
  const file = path.join(saved, 'by-firefox.csr');
  for (let waited = 0; !(fs.existsSync(file) && fs.statSync(file).size); waited++) {
    assert.ok(waited < 200, 'the download has arrived');
    await setTimeout(100);
  }
  assert.match(openssl(['req', '-in', file, '-noout', '-verify', '-text']), /DNS:nas\.local, DNS:nas\.example\.org/);
});
