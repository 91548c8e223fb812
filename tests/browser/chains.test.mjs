// The chains of tests/chains.json, built by the console out of what was kept and what is sent, and served by it to a Chromium
// that trusts the row's root and nothing else of ours: it sees what a visitor of that CA would see.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { WORK, boot, openssl } from './console.mjs';

const table = JSON.parse(fs.readFileSync(new URL('../chains.json', import.meta.url), 'utf8'));
const SIGNET = process.env.SIGNET ?? path.resolve('target/debug/signet');
const IS_CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n';
const IS_DEVICE = 'subjectAltName=DNS:nas.local\nauthorityKeyIdentifier=keyid\nextendedKeyUsage=serverAuth\n';

// A data directory with the request `device`, and all certificates of the table by name.
function world(folder) {
  const file = (name) => path.join(folder, name.replaceAll(' ', '-'));
  const data = file('data');
  const signet = (...args) => execFileSync(SIGNET, [...args, '--data', data], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const asked = { country: 'DE', state: 'Bavaria', city: 'Munich', organization: 'Example', email: 'root@nas.local', common: 'nas.local', san: 'nas.local' };
  signet('csr', 'create', '--name', 'device', '--profile', 'https-ecc', ...Object.entries(asked).flatMap(([option, value]) => [`--${option}`, value]));
  signet('csr', 'export', 'device', '--out', file('device.csr'));
  const any = ['commonName', 'organizationName', 'countryName', 'stateOrProvinceName', 'localityName', 'emailAddress'].map((part) => `${part}=optional\n`);
  fs.writeFileSync(file('cnf'), `[ca]\ndatabase=${folder}/index\nnew_certs_dir=${folder}\nrand_serial=yes\ndefault_md=sha256\nunique_subject=no\npolicy=any\npreserve=yes\n[any]\n${any.join('')}`);
  fs.writeFileSync(file('index'), '');
  for (const [key, subject] of table.keys) {
    openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file(`${key}.key`)]);
    openssl(['req', '-new', '-key', file(`${key}.key`), '-subj', `/CN=${subject}`, '-out', file(`${key}.csr`)]);
  }
  for (const { name, key, by, by_key, dates } of table.certificates) {
    fs.writeFileSync(file('ext'), key === 'device' ? IS_DEVICE : IS_CA);
    const signer = by === name ? ['-selfsign'] : ['-cert', file(`${by}.crt`)];
    const [from, to] = table.dates[dates];
    openssl(['ca', '-batch', '-notext', '-config', file('cnf'), '-name', 'ca', '-in', file(`${key}.csr`), '-keyfile', file(`${by_key}.key`), ...signer, '-startdate', from, '-enddate', to, '-extfile', file('ext'), '-out', file(`${name}.crt`)]);
  }
  const pems = (names) => names.map((name) => fs.readFileSync(file(`${name}.crt`), 'utf8')).join('');
  const answer = (names) => {
    fs.writeFileSync(file('answer'), pems(names));
    signet('csr', 'answer', 'device', '--certificate', file('answer'));
  };
  return { file, data, signet, answer, pems };
}

// A Chromium that has nothing of ours but this root, in the database of NSS that it reads on Linux.
async function trusting(t, folder, root) {
  const database = path.join(folder, 'home', '.pki', 'nssdb');
  fs.mkdirSync(database, { recursive: true });
  execFileSync('certutil', ['-N', '-d', `sql:${database}`, '--empty-password']);
  execFileSync('certutil', ['-A', '-d', `sql:${database}`, '-n', 'root', '-t', 'C,,', '-i', root]);
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--host-resolver-rules=MAP nas.local 127.0.0.1'];
  const env = { ...process.env, HOME: path.join(folder, 'home') };
  delete env.XDG_DATA_HOME;
  delete env.XDG_CONFIG_HOME;
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args, env });
  t.after(() => browser.close());
  return browser;
}

for (const row of table.rows) {
  test(`Chromium ${row.browser ? 'refuses' : 'accepts'}: ${row.what}`, async (t) => {
    const folder = fs.mkdtempSync(path.join(WORK, 'chain-'));
    const { file, data, signet, answer, pems } = world(folder);
    if (row.kept.length) answer(row.kept);
    answer(row.sent);
    assert.equal(signet('csr', 'export', 'device', '--chain'), pems(row.expected));
    signet('console', 'use', 'device');
    const console_ = await boot(t, data);
    const browser = await trusting(t, folder, file(`${row.root}.crt`));
    // Hooks run in the order that they were given in: the console and the browser have ended by then.
    t.after(() => fs.rmSync(folder, { recursive: true, maxRetries: 20 }));
    // No certificate is ignored here.
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    const seen = await page.goto(`${console_.url}/healthz`).then((answer) => answer.text(), (error) => /net::(\w+)/.exec(error.message)?.[1] ?? error.message);
    assert.equal(seen, row.browser || 'ok\n');
  });
}

test('a root that is not in the database is refused, so that the others are accepted because of theirs', async (t) => {
  const folder = fs.mkdtempSync(path.join(WORK, 'chain-'));
  const { file, data, signet, answer } = world(folder);
  answer(['leaf', 'middle by one', 'one']);
  signet('console', 'use', 'device');
  const console_ = await boot(t, data);
  const browser = await trusting(t, folder, file('two.crt'));
  t.after(() => fs.rmSync(folder, { recursive: true, maxRetries: 20 }));
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await assert.rejects(page.goto(`${console_.url}/healthz`), /ERR_CERT_AUTHORITY_INVALID/);
});
