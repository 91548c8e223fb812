// Web servers in front of a console, by the very configurations of docs/integration.md.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { WORK, firstBoot, openssl } from './console.mjs';

export const BASE = '/certificates';
const SOCKET = '/run/signet/signet.sock';
const NAMES = { host: 'certificates.example.com', path: 'nas.example.com' };

// The configuration of this name in the documentation, such as "nginx: host".
export function documented(name) {
  const text = fs.readFileSync('docs/integration.md', 'utf8');
  const [, block] = text.split(`<!-- ${name} -->\n`);
  assert.ok(block, `the documentation has a configuration "${name}"`);
  return block.match(/^```\w+\n([^]*?)^```$/m)[1];
}

// Puts something else in the place of what is there, which must be there.
export function replaced(text, from, to) {
  assert.ok(text.includes(from), `${from} is in:\n${text}`);
  return text.replaceAll(from, to);
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

// A console that is reached by a web server. `change` may change the documented configuration; `config` is the console's.
export async function behind(t, { server, place, transport, change = (text) => text, proxy = '' }) {
  const folder = fs.mkdtempSync(path.join(WORK, 'server-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const socket = path.join(folder, 'signet.sock');
  const trusted = transport === 'unix' ? 'unix' : '127.0.0.1';
  const base = place === 'path' ? BASE : '';
  const listen = transport === 'unix' ? `unix:${socket}` : 'http://127.0.0.1:0';
  const config = `hostnames = ["nas.local"]\n[proxy]\ntrusted = ["${trusted}"]\n${base && `base_path = "${base}"\n`}${proxy}`;
  const console_ = await firstBoot(t, config, undefined, ['--listen', listen]);
  const tls = { certificate: path.join(folder, 'nas.pem'), key: path.join(folder, 'nas.key') };
  openssl(['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', tls.key, '-out', tls.certificate, '-subj', '/CN=NAS', '-addext', 'subjectAltName=DNS:*.example.com', '-days', '30']);
  const upstream = transport === 'unix' ? { socket } : { port: new URL(console_.proxies).port };
  const port = await freePort();
  const text = change(documented(`${server}: ${place}`));
  await SERVERS[server](t, { folder, tls, port, place, upstream, text });
  return { ...console_, url: `https://${NAMES[place]}:${port}${base}`, base, host: NAMES[place], port };
}

const SERVERS = {
  async nginx(t, { folder, tls, port, place, upstream, text }) {
    const to = upstream.socket ? `unix:${upstream.socket}` : `127.0.0.1:${upstream.port}`;
    text = replaced(text, `http://unix:${SOCKET}`, `http://${to}`);
    const listen = `listen 127.0.0.1:${port} ssl`;
    if (place === 'host') {
      text = replaced(text, 'listen 443 ssl', listen);
      text = replaced(replaced(text, '/etc/ssl/certs/nas.pem', tls.certificate), '/etc/ssl/private/nas.key', tls.key);
    } else {
      text = `server {\n${listen};\nssl_certificate ${tls.certificate};\nssl_certificate_key ${tls.key};\nlarge_client_header_buffers 4 24k;\n${text}\nlocation / { return 200 "the device's own pages"; }\n}\n`;
    }
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};\n`).join('');
    const user = process.getuid() === 0 ? 'user root;\n' : '';
    const file = path.join(folder, 'nginx.conf');
    const log = path.join(folder, 'error.log');
    fs.writeFileSync(file, `daemon off;\n${user}worker_processes 1;\npid ${folder}/pid;\nerror_log ${log};\nevents {}\nhttp {\naccess_log off;\n${temporary}${text}}\n`);
    await start(t, port, '/usr/sbin/nginx', ['-c', file, '-p', folder, '-e', log]);
  },

  async lighttpd(t, { folder, tls, port, upstream, text }) {
    const from = `"host" => "${SOCKET}"`;
    const to = upstream.socket ? `"host" => "${upstream.socket}"` : `"host" => "127.0.0.1", "port" => ${upstream.port}`;
    text = replaced(text, from, to);
    const file = path.join(folder, 'lighttpd.conf');
    fs.writeFileSync(file, `server.modules = ( "mod_openssl" )\nserver.document-root = "${folder}"\nserver.port = ${port}\nserver.bind = "127.0.0.1"\nserver.errorlog = "${folder}/error.log"\nserver.upload-dirs = ( "${folder}" )\nssl.engine = "enable"\nssl.pemfile = "${tls.certificate}"\nssl.privkey = "${tls.key}"\n${text}`);
    await start(t, port, '/usr/sbin/lighttpd', ['-D', '-f', file]);
  },

  async caddy(t, { folder, tls, port, place, upstream, text }) {
    const to = upstream.socket ? `unix/${upstream.socket}` : `127.0.0.1:${upstream.port}`;
    text = replaced(text, `unix/${SOCKET}`, to);
    text = replaced(text, `${NAMES[place]} {`, `https://${NAMES[place]}:${port} {\n\ttls ${tls.certificate} ${tls.key}\n\tbind 127.0.0.1\n`);
    const file = path.join(folder, 'Caddyfile');
    fs.writeFileSync(file, `{\n\tadmin off\n\tauto_https disable_redirects\n\tservers {\n\t\tprotocols h1 h2\n\t}\n}\n${text}`);
    const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    await start(t, port, '/usr/bin/caddy', ['run', '--config', file, '--adapter', 'caddyfile'], env);
  },
};

// A server until the test's end, once it takes connections.
async function start(t, port, program, args, env = process.env) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  t.after(async () => {
    child.kill('SIGTERM');
    const forced = globalThis.setTimeout(() => child.kill('SIGKILL'), 5000);
    if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once('exit', done));
    globalThis.clearTimeout(forced);
  });
  for (let tries = 0; tries < 400; tries++) {
    assert.equal(child.exitCode, null, `${program} ended: ${said}`);
    if (await takes(port)) return;
    await setTimeout(50);
  }
  assert.fail(`${program} does not listen: ${said}`);
}

const takes = (port) =>
  new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1', () => done(true) || socket.destroy());
    socket.once('error', () => done(false));
  });

// A visitor without a browser, from an address of their own: cookies, GET and POST.
export class Visitor {
  constructor(console_, address, headers = {}) {
    Object.assign(this, { console_, address, headers, cookies: new Map() });
  }

  async request(method, route, body, more = {}) {
    const { host, port, base } = this.console_;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { Host: `${host}:${port}`, ...this.headers, ...more, ...(cookie && { Cookie: cookie }) };
    if (body !== undefined) Object.assign(headers, { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body), Origin: `https://${host}:${port}` });
    return new Promise((done, failed) => {
      const options = { host: '127.0.0.1', port, servername: host, localAddress: this.address, method, path: `${base}${route}`, headers, rejectUnauthorized: false, agent: false };
      const request = https.request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => (text += part));
        answer.on('end', () => {
          for (const set of answer.headers['set-cookie'] ?? []) {
            const [pair] = set.split(';');
            const at = pair.indexOf('=');
            if (set.includes('Max-Age=0')) this.cookies.delete(pair.slice(0, at));
            else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
          }
          done({ status: answer.statusCode, headers: answer.headers, text });
        });
      });
      request.once('error', failed);
      request.end(body);
    });
  }

  // One guess at the owner's password.
  async guess(password) {
    const page = await this.request('GET', '/login');
    const [, token] = page.text.match(/name="csrf_token" value="([^"]+)"/);
    return this.request('POST', '/login', new URLSearchParams({ csrf_token: token, password, next: '' }).toString());
  }
}
