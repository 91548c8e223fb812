// Every page in every state, in the order in which an owner meets them. `see(name)` is called on each.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PASSWORD, WORK, openssl } from './console.mjs';

// A `see` that holds each page: no wider than the window, one h1; and takes its picture below target/browser/shots/FOLDER.
export function pictured(page, folder) {
  const shots = path.join(WORK, 'shots', folder);
  fs.rmSync(shots, { recursive: true, force: true });
  fs.mkdirSync(shots, { recursive: true });
  let number = 0;
  return async (name) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    assert.equal(await page.locator('h1').count(), 1, `${name} has one h1`);
    await page.screenshot({ path: path.join(shots, `${String(++number).padStart(2, '0')}-${name}.png`), fullPage: true });
  };
}

// A fragment takes the focus once its page is drawn, a moment after it is loaded.
export async function focused(page, id) {
  let at;
  for (let tries = 0; tries < 60; tries++) {
    at = await page.evaluate(() => document.activeElement.id);
    if (at === id) return;
    await setTimeout(50);
  }
  assert.fail(`the focus is on "${at}" and not on "${id}"`);
}

// The form is sent and comes back with its mistakes: title, focus, links and fields fit together.
export async function refused(page, fields) {
  assert.match(await page.title(), /^Error: /);
  await focused(page, 'summary');
  const links = await page.$$eval('#summary a', (links) => links.map((link) => link.getAttribute('href').slice(1)));
  assert.deepEqual([...new Set(links)].sort(), [...fields].sort());
  for (const field of fields) {
    const control = page.locator(`#${field}`);
    assert.equal(await control.count(), 1, field);
    assert.ok(await control.isVisible(), `${field} can be seen`);
    const described = (await control.getAttribute('aria-describedby')) ?? '';
    assert.ok(described.split(' ').includes(`${field}-error`), `${field} is tied to its error`);
    for (const id of described.split(' ')) assert.equal(await page.locator(`[id="${id}"]`).count(), 1, id);
  }
}

export async function setUp(page, console_, see, visit = async () => {}) {
  await page.goto(console_.url);
  await see('setup');
  await page.fill('#setup_code', 'WRONG');
  await page.fill('#password', 'short');
  await page.fill('#password_confirm', 'other');
  await page.click('main button');
  await refused(page, await page.$$eval('#summary a', (links) => [...new Set(links.map((link) => link.hash.slice(1)))]));
  await see('setup-error');
  await page.fill('#setup_code', console_.code);
  await page.fill('#password', PASSWORD);
  await page.fill('#password_confirm', PASSWORD);
  await page.click('main button');
  await visit();
  await see('list-empty');
}

export async function logIn(page, console_) {
  await page.goto(`${console_.url}/login`);
  await page.fill('#password', PASSWORD);
  await page.click('main button');
  assert.equal(own(page, console_), '/csrs');
}

// The console's own path of a page, also behind a web server that puts it below another one.
export function own(page, console_) {
  const { pathname } = new URL(page.url());
  const base = console_.base ?? '';
  assert.ok(pathname.startsWith(base), pathname);
  return pathname.slice(base.length);
}

const next = (page) => page.click('button[name=next]');

// Opens a part of a request's page that is folded.
export const unfold = (page, title) => page.click(`.folds summary:has-text("${title}")`);

// A new request by pointer, each step first with mistakes.
export async function make(page, console_, name, see) {
  await page.goto(`${console_.url}/csrs`);
  await page.click('main a.button');
  await see('identity');
  await next(page);
  await refused(page, ['name']);
  await see('identity-error');
  await page.fill('#name', name);
  await page.selectOption('#profile', 'https-ecc');
  await next(page);
  await see('options');
  // The profile has set them: they are folded, and a click shows them.
  assert.ok(!(await page.locator('#lifetime').isVisible()));
  await page.click('summary');
  await see('options-open');
  await page.fill('#lifetime', 'soon');
  await next(page);
  await refused(page, ['lifetime']);
  await see('options-error');
  await page.fill('#lifetime', '90');
  await next(page);
  await see('subject');
  await page.selectOption('#country', '');
  await page.fill('#san', 'https://nas.local/x\n10.0.0.0/24\nnas:8443');
  await next(page);
  await refused(page, ['country', 'state', 'city', 'organization', 'email', 'san']);
  assert.match(await page.inputValue('#san'), /10\.0\.0\.0\/24/, 'what was typed is kept');
  await see('subject-error');
  await page.click('button[name=correct][value="san:nas"]');
  await focused(page, 'san');
  assert.equal(await page.inputValue('#san'), 'https://nas.local/x\n10.0.0.0/24\nnas', 'the right name takes the place of the refused one');
  assert.equal(await page.locator('#summary a').count(), 7, 'what else is wrong is still told');
  await see('subject-corrected');
  await page.selectOption('#country', 'DE');
  for (const [field, value] of [['state', 'Berlin'], ['city', 'Berlin'], ['organization', 'Example GmbH'], ['organizational_unit', 'Storage'], ['email', 'root@nas.local'], ['common', 'nas.example.org']]) {
    await page.fill(`#${field}`, value);
  }
  await page.fill('#san', '192.0.2.7\n2001:db8::7\nbücher.example\nnot yet:');
  await page.click('button[name=suggest][value="nas.local"]');
  assert.equal(await page.inputValue('#san'), '192.0.2.7\n2001:db8::7\nbücher.example\nnot yet:\nnas.local', 'the offered name is one more line');
  assert.equal(await page.inputValue('#organization'), 'Example GmbH', 'nothing else is lost');
  assert.equal(await page.locator('button[name=suggest][value="nas.local"]').count(), 0, 'it is not offered again');
  await see('subject-suggested');
  await page.fill('#san', (await page.inputValue('#san')).replace('not yet:\n', ''));
  // Enter means Next, whatever buttons are above it.
  await page.press('#email', 'Enter');
  await see('constraints');
  await page.click('summary');
  await see('constraints-open');
  await page.check('#ku_encipher_only');
  await page.fill('#bc_path_length', '3');
  await page.check('#aki_enabled');
  await next(page);
  await refused(page, ['ku_encipher_only', 'bc_path_length', 'aki_issuer']);
  await see('constraints-error');
  await page.uncheck('#ku_encipher_only');
  await page.fill('#bc_path_length', '');
  await page.uncheck('#aki_enabled');
  await next(page);
  await page.click('summary');
  await see('confirm');
  await page.click('button[name=signer][value=public]');
  assert.ok(await page.locator('#signer li').count() > 0);
  await see('confirm-public');
  await page.click('button[name=signer][value=private]');
  await page.click('button[name=back]');
  assert.equal(own(page, console_), '/wizard/constraints');
  await next(page);
  await page.click('a[href*="/wizard/options"]:has-text("Change")');
  await page.fill('#lifetime', '100');
  await next(page);
  assert.equal(own(page, console_), '/wizard/confirm', 'Change comes back');
  await page.click('button[name=save]');
  assert.equal(own(page, console_), `/csrs/${name}`);
  await see('csr-saved');
}

// An import by file, after each mistake that has a message of its own.
export async function importFiles(page, console_, name, file, see) {
  await page.goto(`${console_.url}/wizard`);
  await see('wizard');
  await page.fill('#name', name);
  await page.check('#type-import');
  await see('identity-import');
  await next(page);
  await see('import');
  await next(page);
  await refused(page, ['signing_request', 'private_key']);
  await see('import-error');
  await page.setInputFiles('#signing_request_file', file('own.csr'));
  await page.setInputFiles('#private_key_file', file('other.key'));
  await next(page);
  await refused(page, ['private_key']);
  assert.match(await page.inputValue('#signing_request'), /BEGIN CERTIFICATE REQUEST/, 'the request comes back as text');
  await page.setInputFiles('#private_key_file', file('locked.key'));
  await next(page);
  await refused(page, ['passphrase']);
  const shown = await page.locator('input:visible, textarea:visible').evaluateAll((controls) => controls.map((control) => control.id));
  assert.deepEqual(shown, ['passphrase', 'passphrase_empty'], 'the key is held, and its passphrase alone is asked for');
  await see('import-passphrase');
  await page.fill('#passphrase', 'wrong');
  await next(page);
  await refused(page, ['passphrase']);
  await page.click('summary');
  await see('import-another');
  await page.fill('#passphrase', 'open sesame');
  await next(page);
  await see('confirm-import');
  await page.click('button[name=save]');
  assert.equal(own(page, console_), `/csrs/${name}`);
  await see('csr-imported');
}

// A certificate with its key, each state of its step.
export async function certificateWithKey(page, console_, name, file, see) {
  openssl(['req', '-x509', '-new', '-key', file('own.key'), '-subj', '/CN=mail.example.org', '-addext', 'subjectAltName=DNS:mail.example.org', '-days', '300', '-out', file('own.crt')]);
  openssl(['pkcs12', '-export', '-inkey', file('own.key'), '-in', file('own.crt'), '-passout', 'pass:open sesame', '-out', file('own.pfx')]);
  await page.goto(`${console_.url}/wizard`);
  if (await page.locator('text=Start over').count()) await page.click('text=Start over');
  await page.fill('#name', name);
  await page.check('#type-certificate');
  await next(page);
  await see('certificate');
  await next(page);
  await refused(page, ['certificate']);
  await see('certificate-error');
  await page.setInputFiles('#certificate_file', file('own.pfx'));
  await next(page);
  await refused(page, ['passphrase']);
  await see('certificate-passphrase');
  await page.fill('#passphrase', 'open sesame');
  await next(page);
  await see('confirm-certificate');
  await page.click('button[name=back]');
  await see('certificate-held');
  await next(page);
  await page.click('button[name=save]');
  assert.equal(own(page, console_), `/csrs/${name}`);
  await see('csr-certified');
}

// The pages about one CSR and about the console, with their mistakes.
export async function rest(page, console_, name, see) {
  const at = (route) => page.goto(`${console_.url}${route}`);
  await at('/csrs');
  await see('list');
  await page.fill('#q', 'no such thing');
  await page.click('.search button');
  await see('list-nothing');
  await at(`/csrs/${name}`);
  await unfold(page, 'Name and note');
  await page.fill('#name', 'a b');
  await page.fill('#note', 'x'.repeat(1001));
  await page.click('button:has-text("Save changes"):not(.unseen)');
  await refused(page, ['name', 'note']);
  await see('csr-error');
  await page.fill('#name', name);
  await page.fill('#note', 'Sent on Monday.');
  await page.click('button:has-text("Save changes"):not(.unseen)');
  assert.equal(await page.inputValue('#note'), 'Sent on Monday.');
  await at(`/csrs/${name}/key`);
  await see('key');
  await page.click('main button');
  await refused(page, ['passphrase']);
  await see('key-error');
  await at(`/csrs/${name}/delete`);
  await see('delete');
  await page.click('main button');
  await refused(page, ['confirm']);
  await see('delete-error');
  await at('/account');
  await see('account');
  await page.fill('#current_password', PASSWORD);
  await page.fill('#password', 'another long password');
  await page.fill('#password_confirm', 'not the same one');
  await page.click('main button');
  await refused(page, ['password_confirm']);
  await see('account-error');
  await at('/audit');
  await see('log');
  await at('/help');
  await see('help');
  await at('/nothing-here');
  await see('not-found');
  await at('/csrs');
  await page.click(`a[href="${console_.base ?? ''}/csrs/${name}"]`);
  await unfold(page, 'Renew, change');
  await page.click('button:has-text("Clone")');
  await see('identity-cloned');
  await page.fill('#name', `${name}-clone`);
  await next(page);
  assert.equal(own(page, console_), '/wizard/confirm', 'a clone needs a name and no more');
  await at('/wizard');
  await see('unfinished');
  await page.click('button:has-text("Start over")');
  const damaged = path.join(console_.data, 'csrs', 'damaged.pem');
  fs.writeFileSync(damaged, '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n', { mode: 0o600 });
  await at('/csrs/damaged');
  await see('csr-damaged');
  fs.rmSync(damaged);
}

// The pages of CAs, and of an order at one of them. The CA does not exist: nothing is asked of anybody else's.
export async function cas(page, console_, name, see) {
  const at = (route) => page.goto(`${console_.url}${route}`);
  await at(`/csrs/${name}/enroll`);
  await see('order-without-ca');
  await page.click('nav a:has-text("CAs")');
  await see('cas-none');
  await page.click('main form button');
  await refused(page, ['name', 'url']);
  await see('cas-error');
  await page.fill('#name', 'company');
  await page.fill('#url', 'https://ca.invalid/acme/directory');
  await page.fill('#contact', 'owner@example.org');
  await page.click('main form button');
  assert.equal(own(page, console_), '/authorities/company');
  await see('ca-added');
  await page.click('summary');
  await see('ca-change');
  await page.fill('#url', 'http://ca.invalid/');
  await page.click('button:has-text("Save changes")');
  await refused(page, ['url']);
  await see('ca-error');
  await at('/authorities');
  await see('cas');
  await at('/authorities/company/delete');
  await see('ca-delete');
  await page.click('main button');
  await refused(page, ['confirm']);
  await see('ca-delete-error');
  await at(`/csrs/${name}/enroll`);
  await see('order-choice');
  // No CA signs at its clerk's desk for a name that is nobody's; this one would order it.
  console_.signet('csr', 'create', '--name', 'ordered', '--profile', 'https-ecc', '--country', 'DE', '--state', 'Berlin', '--city', 'Berlin', '--organization', 'Example', '--email', 'root@example.org', '--san', 'nas.example.org');
  await page.route('**/enroll*', async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    const response = await route.fetch({ url: route.request().url().replace(console_.url, console_.address), maxRedirects: 0 });
    const { refresh, ...headers } = response.headers();
    return route.fulfill({ response, headers });
  });
  await at('/csrs/ordered/enroll');
  await page.check('#auto_renew');
  await page.click('button:text-is("Get certificate")');
  await see('order');
  await at('/csrs/ordered');
  await see('csr-ordered');
  await page.unroute('**/enroll*');
  await at('/authorities/company/delete');
  await see('ca-delete-used');
  console_.signet('ca', 'delete', 'company', '--yes');
  console_.signet('csr', 'delete', 'ordered', '--yes');
}

// The page that waits for a long key, held still: it would load itself anew each second.
export async function waiting(page, console_, see) {
  await page.route('**/wizard/progress', async (route) => {
    // Only the browser knows where nas.local is.
    const response = await route.fetch({ url: `${console_.address}/wizard/progress`, maxRedirects: 0 });
    const { refresh, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  // A key may be found at once; then the next draft is tried.
  for (let tries = 0; tries < 10; tries++) {
    await page.goto(`${console_.url}/wizard`);
    const again = page.locator('button:has-text("Start over")');
    if (await again.count()) await again.click();
    await page.fill('#name', 'slow');
    await next(page);
    await page.click('summary');
    await page.selectOption('#key_length', '4096');
    await next(page);
    await page.goto(`${console_.url}/wizard/progress`);
    if (own(page, console_) === '/wizard/progress') return see('progress');
  }
  assert.fail('no key took long');
}

export async function leave(page, console_, see) {
  await page.click('button:has-text("Log out")');
  await see('login');
  await page.fill('#password', 'not the password');
  await page.click('main button');
  await refused(page, ['password']);
  await see('login-error');
  await page.goto(`${console_.url}/ticket?token=${'0'.repeat(64)}`);
  await see('ticket');
  await page.click('main button');
  assert.match(await page.title(), /^Error: This link cannot be used/);
  await see('ticket-refused');
}
