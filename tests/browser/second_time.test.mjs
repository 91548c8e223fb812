// What an HTTPS certificate for the same device costs its owner the second time: pages, controls that are shown, fields to fill in,
// and clicks from the list of requests to the saved request. The product that Signet replaces needs 5 pages with some 26 controls.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, firstBoot, openChromium, openssl } from './console.mjs';
import { setUp } from './walk.mjs';

// What is on the page to be filled in or chosen: fields, choices (a group of radio buttons is one) and boxes, not buttons.
const shown = (page) => page.locator('main :is(input, select, textarea):visible').evaluateAll((controls) => new Set(controls.map((control) => control.name)).size);

test('the second certificate for a device needs one field and a handful of clicks', async (t) => {
  const browser = await openChromium(t);
  const console_ = await firstBoot(t);
  const page = await (await context(browser)).newPage();
  await setUp(page, console_, async () => {});
  const count = { pages: 0, controls: 0, fields: 0, clicks: 0 };
  const arrive = async (route) => {
    assert.equal(new URL(page.url()).pathname, route);
    count.pages++;
    count.controls += await shown(page);
  };
  const fill = async (field, value) => {
    await page.fill(field, value);
    count.fields++;
  };
  const click = async (what) => {
    await page.click(what);
    count.clicks++;
  };
  const walk = async (name, subject) => {
    Object.assign(count, { pages: 0, controls: 0, fields: 0, clicks: 0 });
    await page.goto(`${console_.url}/csrs`);
    await click('main a[href="/wizard"]');
    await arrive('/wizard/identity');
    await fill('#name', name);
    await click('button[name=next]');
    await arrive('/wizard/options');
    await click('button[name=next]');
    await arrive('/wizard/subject');
    await subject();
    await click('button[name=next]');
    await arrive('/wizard/constraints');
    await click('button[name=next]');
    await arrive('/wizard/confirm');
    await click('button[name=save]');
    // A slow machine may still be making the key: its page leads on automatically.
    await page.waitForURL((url) => url.pathname === `/csrs/${name}`, { timeout: 60_000 });
    assert.equal(new URL(page.url()).pathname, `/csrs/${name}`);
    t.diagnostic(`${name}: ${Object.entries(count).map(([what, number]) => `${number} ${what}`).join(', ')}`);
    return { ...count };
  };

  const first = await walk('first', async () => {
    await page.selectOption('#country', 'DE');
    count.fields++;
    for (const [field, value] of [['state', 'Berlin'], ['city', 'Berlin'], ['organization', 'Example GmbH'], ['email', 'root@nas.local'], ['common', 'nas.example.org'], ['san', 'nas.local\n192.0.2.7']]) await fill(`#${field}`, value);
  });
  assert.deepEqual(first, { pages: 5, controls: 11, fields: 8, clicks: 6 });
  const second = await walk('second', async () => {
    assert.match(await page.textContent('main'), /Filled in from your last request, first/);
  });
  assert.deepEqual(second, { pages: 5, controls: 11, fields: 1, clicks: 6 });

  // And it is a whole request for a web server.
  const text = openssl(['req', '-noout', '-verify', '-text'], console_.signet('csr', 'export', 'second'));
  for (const part of [/CN ?= ?nas\.example\.org/, /DNS:nas\.local, IP Address:192\.0\.2\.7, DNS:nas\.example\.org/, /TLS Web Server Authentication/, /Digital Signature, Key Encipherment/, /2048 bit/]) assert.match(text, part);
});
