// A CA's certificate by pointer: wrong ones, the comparison, kept, replaced, and several at once.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { WORK, openssl } from './console.mjs';
import { unfold } from './walk.mjs';

// What a private CA gives for a request: it drops all names but one. With its own certificate behind.
export function answerTo(console_, name, days = '190') {
  const folder = fs.mkdtempSync(path.join(WORK, 'ca-'));
  const file = (name) => path.join(folder, name);
  openssl(['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/O=Example/CN=Example CA', '-days', '999']);
  fs.writeFileSync(file('ext'), 'subjectAltName=DNS:nas.example.org\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n');
  console_.signet('csr', 'export', name, '--out', file('csr'));
  openssl(['x509', '-req', '-in', file('csr'), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-set_serial', '7', '-days', days, '-extfile', file('ext'), '-out', file('crt')]);
  const [leaf, ca] = ['crt', 'ca.crt'].map((name) => fs.readFileSync(file(name), 'utf8'));
  fs.rmSync(folder, { recursive: true });
  return { leaf, ca };
}

export async function answered(page, console_, name, other, see) {
  const at = (route) => page.goto(`${console_.url}${route}`);
  const [{ leaf, ca }, second] = [answerTo(console_, name), answerTo(console_, other, '20')];
  const give = async (text) => {
    await page.fill('#certificate', text);
    await page.click('main button');
  };
  await at(`/csrs/${name}`);
  await page.click('text=Add certificate…');
  await see('answer');
  await give(ca);
  assert.match(await page.textContent('#certificate-error'), /There are only certificates of CAs/);
  await see('answer-error');
  await give(leaf + ca);
  assert.match(await page.textContent('.verdict'), /^Works for nas\.example\.org\. Will not work for /);
  assert.match(await page.textContent('main'), /left out/);
  await see('comparison');
  await page.click('button:has-text("Keep certificate")');
  assert.match(await page.textContent('main'), /The certificate is added/);
  await see('csr-answered');
  await unfold(page, 'Certificate details');
  await page.click('text=Add another certificate…');
  await give(leaf + ca);
  await see('answer-same');
  await at(`/csrs/${name}/pkcs12`);
  await see('pkcs12');
  await page.click('main button');
  await see('pkcs12-error');
  await page.click('nav a[href="/reply"]');
  await see('reply');
  await give('Dear customer');
  await see('reply-error');
  await give(leaf + second.leaf + ca + second.ca);
  await see('reply-check');
  for (const box of await page.locator('main input[type=checkbox]').all()) await box.uncheck();
  await page.click('main button');
  await see('reply-none');
  await page.check(`#csr-${other}`);
  await page.click('main button');
  assert.match(await page.textContent('main'), /The certificate is added/);
  await at('/csrs');
  await see('list-answered');
}

// What becomes of an answered request: tried for the console, handed to other services, renewed, compared.
export async function beyond(page, console_, name, see) {
  const at = (route) => page.goto(`${console_.url}${route}`);
  await at('/console');
  await see('console');
  await at(`/csrs/${name}/try`);
  await see('try');
  await at(`/csrs/${name}`);
  await unfold(page, 'Renew, change');
  await page.click('button:text-is("Renew")');
  await see('identity-renewal');
  await page.click('button[name=next]');
  assert.equal(new URL(page.url()).pathname, '/wizard/confirm', 'a renewal needs a name and no more');
  await see('confirm-renewal');
  await page.click('button[name=save]');
  const renewal = new URL(page.url()).pathname;
  await see('csr-renewal');
  await at(`${renewal}/difference`);
  await see('difference');
  await at(`${renewal}/try`);
  await see('try-unanswered');
  await at(`/csrs/${name}`);
  assert.match(await page.textContent('main'), /is going to replace this request/);
  await see('csr-superseded');
  await at(`/csrs/${name}/deploy`);
  await see('deploy');
}
