// A console with an ML-DSA certificate, from the wizard to a restart: Chromium opens it and confirms the trial; Firefox and curl
// cannot connect, as the page says beforehand. The certificate is made by Python's cryptography.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { WORK, boot, context, firstBoot, openChromium, openssl } from './console.mjs';
import { logIn, pictured, setUp } from './walk.mjs';

const PYTHON = process.env.SIGNET_PYTHON ?? path.resolve('target/python/bin/python');

// Certifies a request of the console by its own key, and adds that; gives the certificate.
function certify(console_, name) {
  const folder = fs.mkdtempSync(path.join(WORK, 'ml-dsa-'));
  const file = (end) => path.join(folder, end);
  fs.writeFileSync(file('key'), console_.signet('csr', 'key', name, '--unencrypted'));
  fs.writeFileSync(file('csr'), console_.signet('csr', 'export', name));
  const certificate = execFileSync(PYTHON, ['tests/integration/ml_dsa.py', 'certify', file('key'), file('csr')], { encoding: 'utf8' });
  fs.writeFileSync(file('crt'), certificate);
  console_.signet('csr', 'answer', name, '--certificate', file('crt'));
  fs.rmSync(folder, { recursive: true });
  return certificate;
}

// Whether curl, whose OpenSSL is older than 3.5, gets an answer.
function curlOpens(console_) {
  assert.match(execFileSync('curl', ['--version'], { encoding: 'utf8' }), /OpenSSL\/(1|3\.[0-4])\./, 'a curl of before ML-DSA');
  const { status } = spawnSync('curl', ['--silent', '--insecure', '--max-time', '60', `${console_.address}/healthz`]);
  assert.ok([0, 35].includes(status), `curl ends with ${status}`);
  return status === 0;
}

// The console's own refusal where a client knows no ML-DSA; a port that is closed and a page that is slow say something else.
const SHUT_OUT = /SSL_ERROR_HANDSHAKE_FAILURE_ALERT\b/;

async function firefoxOpens(address) {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', headless: true, acceptInsecureCerts: true });
  try {
    const page = await browser.newPage();
    return await page.goto(address, { timeout: 60_000 }).then((answer) => answer.ok(), (error) => {
      assert.match(String(error), SHUT_OUT);
      return false;
    });
  } finally {
    await browser.close();
  }
}

test('Chromium makes, tries, keeps and opens an ML-DSA certificate', async (t) => {
  const browser = await openChromium(t);
  const console_ = await firstBoot(t);
  const page = await (await context(browser, { width: 320 })).newPage();
  const see = pictured(page, 'ml-dsa');
  await setUp(page, console_, async () => {});

  await page.goto(`${console_.url}/wizard`);
  await page.fill('#name', 'web');
  await page.selectOption('#profile', 'https-ecc');
  await page.click('button[name=next]');
  await page.click('summary');
  const visible = async (field) => page.locator(`#${field}`).isVisible();
  assert.deepEqual([await visible('ec_curve'), await visible('ml_dsa'), await visible('digest_algorithm')], [true, false, true]);
  await page.check('#key_type-ML-DSA');
  assert.deepEqual([await visible('ec_curve'), await visible('ml_dsa'), await visible('digest_algorithm')], [false, true, false]);
  assert.equal(await page.inputValue('#ml_dsa'), '65');
  await see('options');
  await page.click('button[name=next]');
  await page.selectOption('#country', 'DE');
  for (const [field, value] of [['state', 'Berlin'], ['city', 'Berlin'], ['organization', 'Example GmbH'], ['email', 'root@nas.local'], ['san', 'nas.local']]) {
    await page.fill(`#${field}`, value);
  }
  await page.click('button[name=next]');
  await page.click('button[name=next]');
  assert.match(await page.textContent('#signer'), /Programs that do not know ML-DSA cannot use this certificate/);
  await page.click('button[name=signer][value=public]');
  assert.match(await page.textContent('#signer'), /Public CAs do not issue certificates for ML-DSA keys yet/);
  await see('confirm');
  await page.click('button[name=save]');
  assert.equal(new URL(page.url()).pathname, '/csrs/web');
  await see('request');

  const certificate = certify(console_, 'web');
  assert.ok(curlOpens(console_));
  assert.ok(await firefoxOpens(console_.address));
  await page.goto(`${console_.url}/csrs/web/try`);
  assert.match(await page.textContent('.advice'), /Chromium 156 and what is built on it can\. Firefox 153, curl/);
  await see('try');
  await page.click('button:has-text("Try it")');
  await page.waitForSelector('button:has-text("Keep it")');
  await see('on-trial');
  assert.ok(!curlOpens(console_), 'curl is shut out');
  assert.ok(!(await firefoxOpens(console_.address)), 'Firefox is shut out');
  await page.click('button:has-text("Keep it")');
  assert.match(await page.textContent('.told'), /is kept/);
  await see('kept');
  const kept = fs.readFileSync(path.join(console_.data, 'identity.pem'), 'utf8');
  assert.equal(openssl(['x509'], kept), openssl(['x509'], certificate));
  await console_.kill();

  const again = await boot(t, console_.data);
  await logIn(page, again);
  await page.goto(`${again.url}/console`);
  assert.match(await page.textContent('main'), /the certificate of the request web/);
  assert.match(await page.textContent('main'), /cannot open this console/);
  assert.ok(!curlOpens(again));
  await again.kill();
});
