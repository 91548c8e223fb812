// A certificate with its key by pointer: a PKCS#12 file that waits for its passphrase, a bundle that was given as an answer, and
// every mistake at its field. Scripts are off.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { WORK, context, firstBoot, openChromium, openssl } from './console.mjs';
import { pictured, refused, setUp } from './walk.mjs';

let browser, file;
before(async () => {
  browser = await openChromium();
  const folder = path.join(WORK, 'certified');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  file = (name) => path.join(folder, name);
  openssl(['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/O=Example/CN=Example CA', '-days', '999']);
  openssl(['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('key'), '-out', file('csr'), '-subj', '/O=Example/CN=mail.example.org', '-addext', 'subjectAltName=DNS:mail.example.org']);
  openssl(['x509', '-req', '-in', file('csr'), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-set_serial', '9', '-days', '300', '-copy_extensions', 'copy', '-out', file('crt')]);
  openssl(['pkcs12', '-export', '-legacy', '-inkey', file('key'), '-in', file('crt'), '-certfile', file('ca.crt'), '-passout', 'pass:open sesame', '-out', file('mail.pfx')]);
  openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', file('other.key')]);
  const [key, crt, ca] = ['key', 'crt', 'ca.crt'].map((name) => fs.readFileSync(file(name), 'utf8'));
  fs.writeFileSync(file('bundle.pem'), key + crt + ca);
});
after(() => browser.close());

const next = (page) => page.click('button[name=next]');

async function opened(t, width, shots) {
  const console_ = await firstBoot(t);
  const page = await (await context(browser, { width })).newPage();
  await setUp(page, console_, async () => {});
  return { console_, page, see: pictured(page, shots) };
}

async function begin(page, console_, name) {
  await page.goto(`${console_.url}/wizard`);
  if (await page.locator('text=Start over').count()) await page.click('text=Start over');
  await page.fill('#name', name);
  await page.check('#type-certificate');
  await next(page);
}

for (const width of [320, 1280]) {
  test(`a PKCS#12 file becomes an entry with its certificate at ${width} px`, async (t) => {
    const { console_, page, see } = await opened(t, width, `certified-${width}`);
    await begin(page, console_, 'mail');
    await see('certificate');
    await next(page);
    await refused(page, ['certificate']);
    await page.setInputFiles('#certificate_file', file('crt'));
    await page.setInputFiles('#private_key_file', file('other.key'));
    await next(page);
    await refused(page, ['private_key']);
    assert.match(await page.textContent('#private_key-error'), /has another key of the same kind/);
    await page.fill('#certificate', '');
    await page.setInputFiles('#certificate_file', file('mail.pfx'));
    await next(page);
    await refused(page, ['passphrase']);
    await see('passphrase-missing');
    assert.match(await page.textContent('main'), /A file is held/);
    await page.fill('#passphrase', 'wrong');
    await next(page);
    await refused(page, ['passphrase']);
    assert.match(await page.textContent('#passphrase-error'), /does not open the PKCS#12 file/);
    await page.fill('#passphrase', 'open sesame');
    await page.press('#passphrase', 'Enter');
    assert.equal(new URL(page.url()).pathname, '/wizard/confirm');
    assert.match(await page.textContent('main'), /mail\.example\.org/);
    await see('confirm');
    await page.click('button[name=save]');
    assert.equal(new URL(page.url()).pathname, '/csrs/mail');
    const told = await page.textContent('main');
    assert.match(told, /are imported/);
    assert.match(told, /imported with its certificate/);
    await see('entry');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download certificate and chain')]);
    const chain = fs.readFileSync(await download.path(), 'utf8');
    assert.equal(chain.match(/BEGIN CERTIFICATE/g).length, 2);
    await page.click('summary:has-text("Renew")');
    await page.click('button:text-is("Renew")');
    await next(page);
    assert.equal(new URL(page.url()).pathname, '/wizard/confirm', await page.textContent('main'));
  });
}

test('a bundle that was given as an answer is led to become an entry', async (t) => {
  const { console_, page, see } = await opened(t, 768, 'certified-reply');
  await page.goto(`${console_.url}/reply`);
  await page.setInputFiles('#certificate_file', file('bundle.pem'));
  await page.click('main button');
  assert.equal(new URL(page.url()).pathname, '/wizard/identity');
  assert.match(await page.textContent('main'), /no request on this device has that key/);
  assert.equal(await page.inputValue('#name'), 'mail_example_org');
  await see('identity');
  await next(page);
  assert.equal(new URL(page.url()).pathname, '/wizard/confirm', 'an open key leaves nothing to ask');
  await page.click('button[name=save]');
  assert.equal(new URL(page.url()).pathname, '/csrs/mail_example_org');
  // Its key is here now: the same file only brings its certificate.
  await page.goto(`${console_.url}/csrs/mail_example_org/certificate`);
  await page.setInputFiles('#certificate_file', file('mail.pfx'));
  await page.fill('#passphrase', 'open sesame');
  await page.click('main button');
  assert.match(await page.textContent('main'), /also contains a private key\. It was not kept/);
  await see('beside-key');
});
