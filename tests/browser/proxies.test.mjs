// The console behind nginx, lighttpd and Caddy, as docs/integration.md configures them: by its own host name and below a path,
// over the Unix socket and over TCP; and behind an nginx that is configured wrongly.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { PASSWORD, WORK, context, foreign, openChromium } from './console.mjs';
import { importFiles, make, own, setUp } from './walk.mjs';
import { Visitor, behind, replaced } from './web_servers.mjs';

const nothing = async () => {};
let browser, file;
before(async () => {
  browser = await openChromium();
  file = foreign(path.join(WORK, 'foreign'));
});
after(() => browser.close());

// Names that no compression shortens much, as many as a draft holds.
function irregular(length) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let state = 1;
  const letter = () => letters[((state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) >> 16) % letters.length];
  const label = () => Array.from({ length: 60 }, letter).join('');
  const names = [];
  while (names.join('\n').length < length) names.push(`${label()}.${label()}`);
  return names.join('\n');
}

// The wizard up to its fourth step, with these names.
async function upToNames(page, console_, name, san) {
  await page.goto(`${console_.url}/wizard`);
  await page.fill('#name', name);
  await page.selectOption('#profile', 'https-ecc');
  await page.click('button[name=next]');
  await page.click('button[name=next]');
  for (const [field, value] of [['state', 'Berlin'], ['city', 'Berlin'], ['organization', 'Example GmbH'], ['email', 'root@nas.local'], ['common', 'nas.example.org']]) {
    await page.fill(`#${field}`, value);
  }
  await page.selectOption('#country', 'DE');
  await page.fill('#san', san);
  await page.click('button[name=next]');
}

// A request whose draft is as large as drafts get, through to the end. Gives the bytes of its cookies.
async function largest(page, console_, name) {
  await upToNames(page, console_, name, irregular(11_200));
  const cookies = (await page.context().cookies()).filter((cookie) => cookie.name.includes('-draft-'));
  await page.click('button[name=next]');
  await page.click('button[name=save]');
  assert.equal(own(page, console_), `/csrs/${name}`);
  return cookies.reduce((sum, cookie) => sum + cookie.name.length + cookie.value.length + 3, 0);
}

// A guesser at 127.0.0.2 waits, and the owner at 127.0.0.1 and 127.0.0.3 does not.
async function throttled(page, console_) {
  const guesser = new Visitor(console_, '127.0.0.2', { 'X-Forwarded-For': '127.0.0.1', Forwarded: 'for=127.0.0.1' });
  const answers = [];
  for (let tries = 0; tries < 5; tries++) {
    answers.push((await guesser.guess('not the password')).status);
    await page.goto(`${console_.url}/csrs`);
    assert.match(await page.title(), /^Certificate Signing Requests/);
  }
  assert.deepEqual(answers.slice(0, 2), [422, 422]);
  assert.ok(answers.includes(429), `${answers}`);
  const { status } = await new Visitor(console_, '127.0.0.3', { 'X-Forwarded-For': '127.0.0.2' }).guess(PASSWORD);
  assert.equal(status, 303, 'the owner logs in meanwhile');
  // Refusals of one minute are one line, which comes later.
  assert.match(console_.signet('audit', '--json'), /"who":"127\.0\.0\.3","what":"login"/);
}

for (const server of ['nginx', 'lighttpd', 'caddy']) {
  for (const place of ['host', 'path']) {
    for (const transport of ['unix', 'tcp']) {
      test(`${server} in front, by ${place}, over ${transport}`, async (t) => {
        const console_ = await behind(t, { server, place, transport });
        const page = await (await context(browser)).newPage();
        // What a page asks for outside of the base path is another application's.
        const outside = [];
        page.on('request', (request) => {
          const { pathname, host } = new URL(request.url());
          if (host !== new URL(console_.url).host || !`${pathname}/`.startsWith(`${console_.base}/`)) outside.push(request.url());
        });
        await page.goto(console_.url);
        assert.match(await page.textContent('main'), /Check the address/);
        assert.equal(await page.locator('dl.facts').count(), 0, 'no fingerprint of a certificate that nobody sees');
        await setUp(page, console_, nothing);
        await make(page, console_, 'nas', nothing);
        const [download] = await Promise.all([page.waitForEvent('download'), page.click('a:has-text("Download request")')]);
        assert.match(fs.readFileSync(await download.path(), 'utf8'), /^-----BEGIN CERTIFICATE REQUEST-----/);
        await importFiles(page, console_, 'imported', file, nothing);
        const bytes = await largest(page, console_, 'largest');
        assert.ok(bytes > 10_000, `${bytes} bytes of cookies`);
        t.diagnostic(`the largest draft: ${bytes} bytes of cookies`);
        await throttled(page, console_);
        await page.goto(`${console_.url}/console`);
        assert.match(await page.textContent('main'), /connected through this device's web server/);
        await page.click('button:has-text("Log out")');
        assert.equal(own(page, console_), '/login');
        assert.deepEqual(outside, []);
      });
    }
  }
}

// One that is configured as `change` does, and a page whose owner has set the console up.
async function wrongly(t, change, more = {}) {
  const console_ = await behind(t, { server: 'nginx', place: 'path', transport: 'unix', change, ...more });
  return [console_, await (await context(browser)).newPage()];
}

test('nginx with a path but its default buffers takes a hundred regular names', async (t) => {
  const change = (text) => replaced(replaced(text, '    proxy_buffer_size 24k;\n', ''), '    proxy_buffers 4 24k;\n', '');
  const [console_, page] = await wrongly(t, change);
  await setUp(page, console_, nothing);
  await upToNames(page, console_, 'many', Array.from({ length: 99 }, (_, at) => `files-${at}.storage.example.com`).join('\n'));
  await page.click('button[name=next]');
  await page.click('button[name=save]');
  assert.equal(own(page, console_), '/csrs/many');
});

test('an nginx that changes Host works with a browser that says where it is, and with a public URL', async (t) => {
  const change = (text) => replaced(text, '    proxy_set_header Host $http_host;\n', '');
  for (const headers of [{ 'Sec-Fetch-Site': 'same-origin' }, {}]) {
    const [console_, page] = await wrongly(t, change);
    await setUp(page, console_, nothing);
    const { status } = await new Visitor(console_, '127.0.0.1', headers).guess(PASSWORD);
    assert.equal(status, 'Sec-Fetch-Site' in headers ? 303 : 403);
  }
});

test('an nginx that removes the base path works', async (t) => {
  const change = (text) => text.replace(/(proxy_pass .*sock);/, '$1:/;');
  const [console_, page] = await wrongly(t, change);
  await setUp(page, console_, nothing);
  await page.click('a:has-text("Help")');
  assert.equal(own(page, console_), '/help');
});

test('an nginx that adds the base path twice gets a page that says so', async (t) => {
  const change = (text) => text.replace(/(proxy_pass .*sock);/, '$1:/certificates/certificates/;');
  const [console_, page] = await wrongly(t, change);
  const answer = await page.goto(console_.url);
  assert.equal(answer.status(), 404);
  assert.match(await page.textContent('main'), /contains \/certificates twice/);
});

test('an nginx that drops cookies gets a page that says so', async (t) => {
  const change = (text) => replaced(text, 'proxy_set_header Host', 'proxy_set_header Cookie "";\n    proxy_set_header Host');
  const [console_, page] = await wrongly(t, change);
  await page.goto(console_.url);
  await page.fill('#setup_code', console_.code);
  await page.fill('#password', PASSWORD);
  await page.fill('#password_confirm', PASSWORD);
  await page.click('main button');
  assert.match(await page.textContent('main'), /must pass cookies on unchanged/);
});
