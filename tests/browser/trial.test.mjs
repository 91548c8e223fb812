// A certificate tried for the console, in Chromium with scripts disabled; OpenSSL says what visitors see.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { boot, context, firstBoot, openChromium, openssl } from './console.mjs';
import { logIn, pictured, setUp } from './walk.mjs';

let browser;
before(async () => {
  browser = await openChromium();
});
after(() => browser.close());

// The certificate that a visitor sees.
function shown(console_) {
  const { host } = new URL(console_.address);
  return openssl(['x509'], spawnSync('openssl', ['s_client', '-connect', host], { input: '', encoding: 'utf8' }).stdout);
}

// Makes a request and takes a CA's answer to it; gives the certificate.
function answered(console_, name) {
  const file = (end) => path.join(path.dirname(console_.data), `${name}.${end}`);
  const asked = { country: 'DE', state: 'BY', city: 'M', organization: 'E', email: 'a@b.de', san: 'nas.local' };
  const options = Object.entries(asked).flatMap(([option, value]) => [`--${option}`, value]);
  console_.signet('csr', 'create', '--name', name, '--profile', 'https-ecc', ...options);
  console_.signet('csr', 'export', name, '--out', file('csr'));
  openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('key'), '-out', file('ca'), '-subj', '/CN=Root']);
  fs.writeFileSync(file('ext'), 'subjectAltName=DNS:nas.local\nextendedKeyUsage=serverAuth\n');
  const leaf = openssl(['x509', '-req', '-in', file('csr'), '-CA', file('ca'), '-CAkey', file('key'), '-set_serial', '7', '-extfile', file('ext')]);
  fs.writeFileSync(file('pem'), leaf + fs.readFileSync(file('ca')));
  console_.signet('csr', 'answer', name, '--certificate', file('pem'));
  return openssl(['x509'], leaf);
}

async function begin(page, console_, name) {
  await page.goto(`${console_.url}/csrs/${name}`);
  await page.click('text=Use for this console…');
  assert.equal(await page.locator('.advice li').count(), 0, 'the browser came by a name of the certificate');
  await page.click('button:has-text("Try it")');
  assert.equal(new URL(page.url()).pathname, '/console');
  // Where the page came over a connection of before, it comes again by itself.
  await page.waitForSelector('button:has-text("Keep it")');
}

test('a trial is seen, kept, and gone back from', async (t) => {
  const console_ = await firstBoot(t);
  const page = await (await context(browser, { width: 320 })).newPage();
  const see = pictured(page, 'trial');
  await setUp(page, console_, async () => {});
  const leaf = answered(console_, 'web');
  const own = shown(console_);
  await page.goto(`${console_.url}/csrs/web/try`);
  await see('try');
  await begin(page, console_, 'web');
  await see('on-trial');
  assert.equal(shown(console_), leaf);
  assert.ok(!fs.existsSync(path.join(console_.data, 'former.pem')), 'nothing is written yet');
  await page.click('button:has-text("Keep it")');
  assert.match(await page.textContent('.told'), /is kept/);
  await see('kept');
  assert.equal(shown(console_), leaf);
  await page.click('button:has-text("Go back to the previous certificate")');
  assert.match(await page.textContent('.told'), /The certificate is changed/);
  assert.equal(shown(console_), own);
  await see('back');
});

test('a trial that is not confirmed ends by itself, and a kill ends it, too', async (t) => {
  const console_ = await firstBoot(t, '[session]\ntrial_seconds = 10\n');
  const page = await (await context(browser)).newPage();
  await setUp(page, console_, async () => {});
  const leaf = answered(console_, 'web');
  const own = shown(console_);
  await begin(page, console_, 'web');
  assert.equal(shown(console_), leaf);
  // The page comes again by itself and tells what is in use then.
  await page.waitForSelector('button:has-text("Keep it")', { state: 'detached', timeout: 60_000 });
  assert.equal(shown(console_), own);

  await begin(page, console_, 'web');
  assert.equal(shown(console_), leaf);
  await console_.kill();
  const again = await boot(t, console_.data);
  assert.equal(shown(again), own);
  await logIn(page, again);
  await page.goto(`${again.url}/console`);
  assert.match(await page.textContent('main'), /the console's own, made on this device/);
  await again.kill();
});
