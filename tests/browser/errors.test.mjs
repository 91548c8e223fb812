// Every way to be wrong that a visitor can reach with the form as it is, once: the refusal stands at its field, in words that
// no other cause has, nothing typed is lost but secrets, and the right answer then goes on. Scripts are off.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { PASSWORD, WORK, context, firstBoot, foreign, openChromium, openssl } from './console.mjs';
import { logIn, refused, setUp, unfold } from './walk.mjs';

let browser, file;
before(async () => {
  browser = await openChromium();
  file = foreign(path.join(WORK, 'foreign'));
});
after(() => browser.close());

const silent = async () => {};
const next = (page) => page.click('button[name=next]');
const at = (page) => new URL(page.url()).pathname;

async function opened(t) {
  const console_ = await firstBoot(t);
  const page = await (await context(browser)).newPage();
  await setUp(page, console_, silent);
  return { console_, page };
}

// Types `typed` by id: a text, true or false for a box, { file } for a file.
async function type(page, typed) {
  for (const [id, value] of Object.entries(typed)) {
    const control = page.locator(`#${id}`);
    if (typeof value === 'boolean') await control.setChecked(value);
    else if (value.file) await control.setInputFiles(value.file);
    else if ((await control.evaluate((element) => element.tagName)) === 'SELECT') await control.selectOption(value);
    else await control.fill(value);
  }
}

// Each case is [what is typed, the fields that refuse it, words]; all else on the page is as `good` says.
async function eachIsRefused(page, cases, { good = {}, send = next, secret = [] } = {}) {
  const told = new Set();
  for (const [typed, fields, words] of cases) {
    const values = { ...good, ...typed };
    await type(page, values);
    await send(page);
    await refused(page, fields);
    const text = await page.locator('#summary').innerText();
    assert.match(text, words);
    assert.ok(!told.has(text), `no other cause is told as: ${text}`);
    told.add(text);
    for (const [id, value] of Object.entries(values)) {
      const control = page.locator(`#${id}`);
      if (secret.includes(id)) assert.equal(await control.inputValue(), '', `${id} is not shown again`);
      else if (typeof value === 'boolean') assert.equal(await control.isChecked(), value, id);
      else if (typeof value === 'string') assert.equal(await control.inputValue(), value, id);
    }
  }
}

test('the setup refuses each mistake and shows no secret again', async (t) => {
  const console_ = await firstBoot(t);
  const page = await (await context(browser)).newPage();
  await page.goto(console_.url);
  const good = { setup_code: console_.code, password: PASSWORD, password_confirm: PASSWORD };
  await eachIsRefused(page, [
    [{ setup_code: '' }, ['setup_code'], /setup code is missing/],
    [{ password: 'short', password_confirm: 'short' }, ['password'], /5 characters; it needs at least 12/],
    [{ password: 'x'.repeat(129), password_confirm: 'x'.repeat(129) }, ['password'], /129 characters; at most 128/],
    [{ password: 'passwordpassword', password_confirm: 'passwordpassword' }, ['password'], /most common ones/],
    [{ password_confirm: 'another one of them' }, ['password_confirm'], /two passwords differ/],
    [{ password: console_.code, password_confirm: console_.code }, ['password'], /is the setup code/],
    [{ setup_code: 'AAAA-BBBB-CCCC-DDDD' }, ['setup_code'], /not the setup code of this device/],
  ], { good, send: (page) => page.click('main button'), secret: Object.keys(good) });
});

test('the login refuses a wrong password, then one that comes too soon, and opens for the right one', async (t) => {
  const { console_, page } = await opened(t);
  await page.click('button:has-text("Log out")');
  const send = (page) => page.click('main button');
  await eachIsRefused(page, [[{}, ['password'], /password is missing/]], { send });
  for (let tries = 0, status = 422; status === 422; tries++) {
    assert.ok(tries < 20, 'guesses are slowed down');
    await page.fill('#password', 'not the password');
    [{ value: status }] = await Promise.allSettled([page.waitForResponse((response) => response.request().method() === 'POST').then((response) => response.status()), send(page)]);
    await refused(page, ['password']);
  }
  assert.match(await page.locator('#summary').innerText(), /second|minute/);
  console_.signet('recover', 'lockout', '--yes');
  await logIn(page, console_);
});

test('the names and choices of steps 1 and 2 are refused one by one', async (t) => {
  const { console_, page } = await opened(t);
  console_.signet('csr', 'create', '--name', 'taken', '--profile', 'https-ecc', '--country', 'DE', '--state', 'Berlin', '--city', 'Berlin', '--organization', 'Example', '--email', 'root@nas.local', '--san', 'nas.local');
  await page.goto(`${console_.url}/wizard`);
  await eachIsRefused(page, [
    [{ name: '' }, ['name'], /required/],
    [{ name: 'nas 2026' }, ['name'], /contains a space/],
    [{ name: '-nas' }, ['name'], /starts with a hyphen/],
    [{ name: 'größe' }, ['name'], /ö/],
    [{ name: 'Taken' }, ['name'], /A request named Taken already exists/],
  ]);
  await type(page, { name: 'nas' });
  await next(page);
  await page.click('summary');
  await eachIsRefused(page, [
    [{ lifetime: '' }, ['lifetime'], /./],
    [{ lifetime: '0' }, ['lifetime'], /./],
    [{ lifetime: '36501' }, ['lifetime'], /36501|36500/],
    [{ lifetime: 'a year' }, ['lifetime'], /./],
  ]);
  await type(page, { lifetime: '90' });
  await next(page);
  assert.equal(at(page), '/wizard/subject');
});

test('the subject and the names of step 3 are refused one by one', async (t) => {
  const { console_, page } = await opened(t);
  await page.goto(`${console_.url}/wizard`);
  await type(page, { name: 'nas', profile: 'https-ecc' });
  await next(page);
  await next(page);
  const good = { country: 'DE', state: 'Berlin', city: 'Berlin', organization: 'Example', organizational_unit: '', email: 'root@nas.local', common: '', san: 'nas.local' };
  const san = (value, words) => [{ san: value }, ['san'], words];
  await eachIsRefused(page, [
    [{ country: '' }, ['country'], /required/],
    ...['state', 'city', 'organization', 'email', 'san'].map((field) => [{ [field]: '' }, [field], /required/]),
    [{ email: 'not an address' }, ['email'], /./],
    [{ email: 'root@nas..local' }, ['email'], /./],
    [{ common: 'https://nas.local/x' }, ['common'], /is a URL/],
    san('nas.local:8443', /port/), san('https://nas.local/admin', /URL/), san('nas.local/admin', /path/), san('192.0.2.0/24', /network/),
    san('my nas', /./), san('nas..local', /./), san('*', /./), san('nas.*.local', /./), san('my_nas.local', /./), san('nas.123', /./),
    san('DNS:', /Nothing follows/), san('DNS:192.0.2.7', /is an address/), san('IP:nas.local', /is not an IP address/), san('fe80::1%eth0', /zone/),
    san('2001:db8::g', /./), san('xn--a.example', /./), san('ab--cd.example', /./), san('otherName:1.2.3', /otherName/),
    san(Array.from({ length: 101 }, (_, at) => `n${at}.example.org`).join('\n'), /100/),
  ], { good });
  await type(page, good);
  await next(page);
  assert.equal(at(page), '/wizard/constraints');
});

test('the extensions of step 4 are refused one by one', async (t) => {
  const { console_, page } = await opened(t);
  await page.goto(`${console_.url}/wizard`);
  await type(page, { name: 'nas', profile: '' });
  await next(page);
  await next(page);
  await type(page, { country: 'DE', state: 'Berlin', city: 'Berlin', organization: 'Example', email: 'root@nas.local', san: 'nas.local' });
  await next(page);
  // A field under an extension that is off is not shown where the browser can hide it.
  const eachAlone = async (typed, fields, words) => {
    const on = Object.entries(typed);
    await type(page, { ...Object.fromEntries(on.filter(([id]) => id.endsWith('_enabled'))) });
    await type(page, typed);
    await next(page);
    await refused(page, fields);
    assert.match(await page.locator('#summary').innerText(), words);
    for (const [id] of on.reverse()) {
      const control = page.locator(`#${id}`);
      if ((await control.getAttribute('type')) === 'checkbox') await control.uncheck({ force: true });
      else await control.fill('');
    }
  };
  await eachAlone({ bc_enabled: true, bc_path_length: '1' }, ['bc_path_length'], /Only a CA has a path length/);
  await eachAlone({ bc_enabled: true, bc_ca: true, bc_path_length: '-1' }, ['bc_path_length'], /less than 0/);
  await eachAlone({ bc_enabled: true, bc_ca: true, bc_path_length: '256' }, ['bc_path_length'], /more than 255/);
  await eachAlone({ bc_enabled: true, bc_ca: true, bc_path_length: 'few' }, ['bc_path_length'], /whole number/);
  await eachAlone({ aki_enabled: true }, ['aki_issuer'], /the CA is missing/);
  await eachAlone({ aki_enabled: true, aki_issuer: '01:2' }, ['aki_issuer'], /odd number/);
  await eachAlone({ aki_enabled: true, aki_issuer: '0102', aki_cert_issuer: true }, ['aki_cert_issuer'], /from the CA's certificate/);
  await eachAlone({ eku_enabled: true, eku_critical: true }, ['eku_enabled'], /no usage is selected/);
  await eachAlone({ eku_enabled: true, eku_ANY_EXTENDED_KEY_USAGE: true, eku_critical: true }, ['eku_critical'], /4\.2\.1\.12/);
  await eachAlone({ ku_enabled: true, ku_critical: true }, ['ku_enabled'], /nothing is selected/);
  await eachAlone({ ku_enabled: true, ku_digital_signature: true, ku_encipher_only: true }, ['ku_encipher_only'], /Encipher Only needs Key Agreement/);
  await eachAlone({ ku_enabled: true, ku_key_agreement: true, ku_encipher_only: true, ku_decipher_only: true }, ['ku_decipher_only'], /exclude each other/);
  await eachAlone({ ku_enabled: true, ku_key_cert_sign: true }, ['ku_key_cert_sign'], /is for CAs only/);
  await eachAlone({ ku_enabled: true, ku_crl_sign: true, eku_enabled: true, eku_SERVER_AUTH: true }, ['eku_SERVER_AUTH'], /\(SERVER_AUTH\) needs/);
  await next(page);
  assert.equal(at(page), '/wizard/confirm');
});

test('an import by file is refused for each cause in words of its own', async (t) => {
  const { console_, page } = await opened(t);
  const made = (name, text) => {
    fs.writeFileSync(file(name), text);
    return { file: file(name) };
  };
  const own = fs.readFileSync(file('own.csr'), 'utf8');
  const key = fs.readFileSync(file('own.key'), 'utf8');
  const lines = own.trim().split('\n');
  const der = openssl(['req', '-in', file('own.csr'), '-outform', 'DER', '-out', file('own.der')]);
  assert.equal(der, '');
  const bytes = fs.readFileSync(file('own.der'));
  bytes[bytes.length - 5] ^= 1;
  openssl(['req', '-x509', '-key', file('own.key'), '-subj', '/CN=x', '-out', file('own.crt')]);
  openssl(['pkey', '-in', file('own.key'), '-pubout', '-out', file('own.pub')]);
  openssl(['genrsa', '-out', file('weak.key'), '768']);
  openssl(['pkcs12', '-export', '-inkey', file('own.key'), '-in', file('own.crt'), '-passout', 'pass:x', '-out', file('own.p12')]);
  const request = (given) => ({ signing_request_file: given, private_key_file: { file: file('own.key') } });
  const secret = (given, more = {}) => ({ signing_request_file: { file: file('own.csr') }, private_key_file: given, ...more });
  const cases = [
    [request(made('nothing.csr', 'hello')), ['signing_request'], /neither PEM nor DER/],
    [request({ file: file('own.crt') }), ['signing_request'], /certificate, not a certificate request/],
    [request(made('damaged.csr', bytes)), ['signing_request'], /own signature does not verify/],
    [request(made('cut.csr', lines.slice(0, -1).join('\n'))), ['signing_request'], /cut off/],
    [request(made('two.csr', own + own.replace('A', 'B') + own)), ['signing_request'], /./],
    [request({ file: file('own.key') }), ['signing_request'], /private key, not a certificate request/],
    [secret(made('nothing.key', 'hello')), ['private_key'], /neither PEM nor DER/],
    [secret({ file: file('other.key') }), ['private_key'], /belongs to another request/],
    [secret({ file: file('own.crt') }), ['private_key'], /certificate, not a private key/],
    [secret({ file: file('own.pub') }), ['private_key'], /public key/],
    [secret({ file: file('weak.key') }), ['private_key'], /1024/],
    [secret({ file: file('own.p12') }), ['private_key'], /PKCS#12/],
    [secret(made('ssh.key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n')), ['private_key'], /OpenSSH/],
    [secret({ file: file('locked.key') }), ['passphrase'], /./],
    [secret({ file: file('locked.key') }, { passphrase: 'wrong', passphrase_confirm: 'wrong' }), ['passphrase'], /./],
    [secret({ file: file('own.key') }, { passphrase: 'for nothing', passphrase_confirm: 'for nothing' }), ['passphrase'], /./],
    [secret({ file: file('locked.key') }, { passphrase: 'open sesame', passphrase_confirm: 'open' }), ['passphrase_confirm'], /two passphrases differ/],
  ];
  const told = new Set();
  for (const [typed, fields, words] of cases) {
    await page.goto(`${console_.url}/wizard`);
    const again = page.locator('button:has-text("Start over")');
    if (await again.count()) await again.click();
    await type(page, { name: 'imported' });
    await page.check('#type-import');
    await next(page);
    await type(page, typed);
    await next(page);
    await refused(page, fields);
    const text = await page.locator('#summary').innerText();
    assert.match(text, words);
    assert.ok(!told.has(text), text);
    told.add(text);
    const html = await page.content();
    assert.ok(!html.includes(key.split('\n')[3]), 'no private key comes back');
  }
});

test('the pages about one CSR and the account refuse each mistake', async (t) => {
  const { console_, page } = await opened(t);
  for (const name of ['nas', 'taken']) {
    console_.signet('csr', 'create', '--name', name, '--profile', 'https-ecc', '--country', 'DE', '--state', 'Berlin', '--city', 'Berlin', '--organization', 'Example', '--email', 'root@nas.local', '--san', 'nas.local');
  }
  await page.goto(`${console_.url}/csrs/nas`);
  await unfold(page, 'Name and note');
  await eachIsRefused(page, [
    [{ name: '' }, ['name'], /required/],
    [{ name: 'Taken' }, ['name'], /A request named Taken already exists/],
    [{ name: 'nas', note: 'x'.repeat(1001) }, ['note'], /1,?000|1,?001/],
  ], { send: (page) => page.click('button:has-text("Save changes"):not(.unseen)') });
  const send = (page) => page.click('main button');
  await page.goto(`${console_.url}/csrs/nas/key`);
  const good = { password: PASSWORD, passphrase: 'open sesame', passphrase_confirm: 'open sesame', unencrypted: false };
  const secret = ['password', 'passphrase', 'passphrase_confirm'];
  await eachIsRefused(page, [
    [{ passphrase: '', passphrase_confirm: '' }, ['passphrase'], /passphrase is missing/],
    [{ passphrase_confirm: 'open' }, ['passphrase_confirm'], /two passphrases differ/],
    [{ unencrypted: true }, ['unencrypted'], /export without one/],
    [{ password: '' }, ['password'], /password is missing/],
    [{ password: 'not the password' }, ['password'], /not the password/],
  ], { good, send, secret });
  // Every recovery ends the sessions.
  console_.signet('recover', 'lockout', '--yes');
  await logIn(page, console_);
  await page.goto(`${console_.url}/csrs/nas/delete`);
  await eachIsRefused(page, [[{}, ['confirm'], /./]], { send });
  await page.goto(`${console_.url}/account`);
  const change = { current_password: PASSWORD, password: 'another long password', password_confirm: 'another long password' };
  await eachIsRefused(page, [
    [{ password: 'short', password_confirm: 'short' }, ['password'], /5 characters/],
    [{ password_confirm: 'not the same one' }, ['password_confirm'], /two passwords differ/],
    [{ current_password: '' }, ['current_password'], /password is missing/],
    [{ current_password: 'not the password' }, ['current_password'], /not the password/],
  ], { good: change, send, secret: Object.keys(change) });
});

test('what is not there, not allowed, stale or too large has its page with a way back', async (t) => {
  const { console_, page } = await opened(t);
  const visit = async (route, status) => {
    const response = await page.goto(`${console_.url}${route}`);
    assert.equal(response.status(), status, route);
    assert.equal(await page.locator('h1').count(), 1);
    assert.ok((await page.locator('a[href^="/"]').count()) > 0, `${route} has a way back`);
  };
  await visit('/nothing-here', 404);
  await visit('/csrs/nobody', 404);
  await visit('/logout', 405);
  // A page of another draft changes nothing and says where things stand.
  await page.goto(`${console_.url}/wizard`);
  await type(page, { name: 'first' });
  const second = await page.context().newPage();
  await second.goto(`${console_.url}/wizard`);
  const over = second.locator('button:has-text("Start over")');
  if (await over.count()) await over.click();
  await type(second, { name: 'second' });
  await next(second);
  await next(page);
  assert.ok((await page.locator('h1').count()) === 1);
  // More than a form may hold.
  await page.goto(`${console_.url}/wizard/subject`);
  if (at(page) !== '/wizard/subject') await next(page);
  if (at(page) !== '/wizard/subject') await next(page);
  await page.fill('#san', 'x'.repeat(70_000));
  const [response] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), next(page)]);
  assert.equal(response.status(), 413);
  assert.equal(await page.locator('h1').count(), 1);
});
