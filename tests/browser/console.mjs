// The real binary over a directory of its own, and the browsers' settings.
import { spawn, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

export const PASSWORD = 'correct horse battery staple';
export const WORK = path.resolve('target/browser');
const SIGNET = process.env.SIGNET ?? path.resolve('target/debug/signet');

// A console on its first boot, with these lines as its config, for as long as the test `t` runs. It is reached as nas.local,
// as on a network of one's own.
export async function firstBoot(t, config, host, more) {
  const folder = fs.mkdtempSync(path.join(WORK, 'data-'));
  const data = path.join(folder, 'data');
  fs.mkdirSync(data);
  if (config) fs.writeFileSync(path.join(data, 'signet.toml'), config);
  const console_ = await boot(t, data, host, more);
  t.after(() => fs.rmSync(folder, { recursive: true, maxRetries: 20 }));
  return console_;
}

// A console over a directory; as root on a machine that is called `host`. `more` are further arguments.
export async function boot(t, data, host, more = []) {
  const named = host && process.getuid() === 0 ? ['unshare', '--uts', 'sh', '-c', 'echo "$0" > /proc/sys/kernel/hostname && exec "$@"', host] : [];
  const [program, ...args] = [...named, SIGNET, 'serve', '--listen', '127.0.0.1:0', '--setup-code-file', '-', ...more, '--data', data];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    child.kill('SIGTERM');
    await ended();
  });
  const ended = async () => {
    if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once('exit', done));
  };
  const said = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [label, value] = line.split(/: +(.*)/s);
    said[label] = value;
    if (label === 'Data') break;
  }
  const port = new URL(said.URL).port;
  return {
    url: `https://nas.local:${port}`,
    address: `https://127.0.0.1:${port}`,
    code: said['Setup code'],
    proxies: said['For proxies'],
    data,
    kill: () => {
      child.kill('SIGKILL');
      return ended();
    },
    signet: (...args) => execFileSync(SIGNET, [...args, '--data', data], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  };
}

export async function openChromium(t) {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--host-resolver-rules=MAP nas.local 127.0.0.1,MAP *.example.com 127.0.0.1'];
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
  t?.after(() => browser.close());
  return browser;
}

// A context with scripts off unless the test itself needs them (axe).
export async function context(browser, { width = 1280, scheme = 'light', scripts = false, ...more } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: scripts, viewport: { width, height: 900 }, colorScheme: scheme, ...more });
  context.setDefaultTimeout(15_000);
  return context;
}

export const openssl = (args, input) => execFileSync('openssl', args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });

// A request and keys for the import: plain, encrypted, and another's.
export function foreign(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const file = (name) => path.join(folder, name);
  openssl(['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('own.key'), '-out', file('own.csr'), '-subj', '/CN=import.example.org', '-addext', 'subjectAltName=DNS:import.example.org']);
  openssl(['pkey', '-in', file('own.key'), '-aes256', '-passout', 'pass:open sesame', '-out', file('locked.key')]);
  openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', file('other.key')]);
  return file;
}
