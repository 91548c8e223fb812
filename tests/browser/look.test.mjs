// What the pages look like where that decides whether they do their job: one screen, one line, columns that hold, marks that
// differ, pairs that stay whole. Scripts are off.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { Authority, DAY } from './authority.mjs';
import { context, firstBoot, openChromium } from './console.mjs';
import { LONG, create, twelve } from './pictures.mjs';
import { logIn, setUp, unfold } from './walk.mjs';

let browser, ca;
before(async () => {
  browser = await openChromium();
  ca = new Authority();
});
after(async () => {
  ca.close();
  await browser.close();
});

const silent = async () => {};

async function opened(t, settings) {
  const console_ = await firstBoot(t);
  const page = await (await context(browser, settings)).newPage();
  await setUp(page, console_, silent);
  return { console_, page, at: (route) => page.goto(`${console_.url}${route}`) };
}

const height = (page) => page.evaluate(() => document.documentElement.scrollHeight);
const boxes = (page, selector) => page.$$eval(selector, (all) => all.map((one) => one.getBoundingClientRect().toJSON()));

test('a request is one screen at 1280 by 800 in every state, with one filled button at most', async (t) => {
  const { console_, page, at } = await opened(t);
  await page.setViewportSize({ width: 1280, height: 800 });
  twelve(console_, ca);
  console_.signet('csr', 'renew', 'printer', '--name', 'printer-2');
  const filled = async () => page.locator('.next .button:not(.quiet), .next button:not(.quiet)').allTextContents();
  for (const [name, step, button] of [
    ['lab', 'Sent to the CA', 'Download request'],
    ['my-nas', 'In use', 'Use for this console…'],
    ['camera', 'Certificate', 'Renew'],
    ['mail', 'Certificate', 'Renew'],
    ['old-nas', '', 'Open old-nas-2026'],
    ['old-nas-2026', 'In use', 'Use for this console…'],
    ['backup', '', 'Open backup-2027'],
    ['printer', '', 'Open printer-2'],
    [LONG, 'Sent to the CA', 'Download request'],
  ]) {
    await at(`/csrs/${name}`);
    assert.ok((await height(page)) <= 800, `${name}: ${await height(page)} px`);
    assert.equal(await page.textContent('h1'), name);
    // What is replaced has no next step of its own.
    assert.match((await page.locator('.stage [aria-current=step]').allTextContents()).join(), step ? new RegExp(`^${step}`) : /^$/, name);
    assert.deepEqual(await filled(), [button], name);
  }
  // The message after Save has room, too.
  await at('/csrs/lab?told=saved');
  assert.ok((await height(page)) <= 800, `with a message: ${await height(page)} px`);
  // The filled button of a due one renews, though its form is in a part that is folded.
  await at('/csrs/camera');
  await page.click('.next button');
  assert.equal(new URL(page.url()).pathname, '/wizard/identity');
});

test('a comparison says first for what the certificate works, and Keep is there without scrolling', async (t) => {
  const { console_, page, at } = await opened(t);
  create(console_, 'nas', ['nas.example.org', '192.168.1.20']);
  const names = Array.from({ length: 90 }, (_, at) => `n${at}.example.org`);
  create(console_, 'lab', names);
  const compared = async (name, names, usage) => {
    await at('/reply');
    await page.fill('#certificate', ca.issue(console_, name, names, { to: 90 * DAY, usage }) + ca.issuing + ca.root);
    await page.click('main button');
    return page.textContent('.verdict :is(h2, h3)');
  };
  for (const [width, tall] of [[1280, 800], [390, 844]]) {
    await page.setViewportSize({ width, height: tall });
    for (const [name, issued, usage, says] of [
      ['nas', 'DNS:nas.example.org', undefined, 'Works for nas.example.org. Will not work for 192.168.1.20.'],
      ['nas', 'DNS:nas.example.org,IP:192.168.1.20', undefined, 'Works for 192.168.1.20 and nas.example.org.'],
      ['nas', 'DNS:*.example.org', undefined, 'Works for nas.example.org. Will not work for 192.168.1.20.'],
      ['nas', 'DNS:other.example.org', undefined, ' Will not work for 192.168.1.20 and nas.example.org.'],
      ['nas', 'DNS:nas.example.org', 'clientAuth', ' Will not work for a web server.'],
      ['lab', names.map((name) => `DNS:${name}`).join(','), undefined, 'Works for n0.example.org, n1.example.org, n2.example.org and 87 more.'],
    ]) {
      const said = await compared(name, issued, usage);
      assert.deepEqual(said.replace(/\.|Works for |Will not work for /g, '').trim().split(/ and |, | /).sort(), says.replace(/\.|Works for |Will not work for /g, '').trim().split(/ and |, | /).sort(), said);
      assert.equal(said.includes('Will not'), says.includes('Will not'), said);
      const [keep] = await boxes(page, 'button[name=take]');
      assert.ok(keep.bottom <= tall, `${issued}: Keep ends at ${keep.bottom} px of ${tall}`);
      const red = await page.locator('.compared .badge.bad').count();
      const fields = await page.$$eval('.compared tr:has(.badge.bad) th', (all) => all.map((one) => one.textContent));
      assert.ok(fields.every((field) => /Names|Usage/.test(field)), `${red} are red: ${fields}`);
    }
  }
});

test('a long name in the list widens no column and makes no other row higher', async (t) => {
  const { console_, page, at } = await opened(t);
  create(console_, 'short', ['nas.example.org']);
  create(console_, 'zebra', ['zebra.example.org', 'second.example.org']);
  for (const width of [1280, 800, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await at('/csrs');
    const before = [await boxes(page, 'tbody tr:nth-child(1) td'), await boxes(page, 'tbody tr:last-child td')];
    create(console_, LONG, ['a-very-long-host-name-for-the-laboratory.third-floor.building-seven.example.org', 'b.example.org']);
    await at('/csrs');
    const now = [await boxes(page, 'tbody tr:nth-child(1) td'), await boxes(page, 'tbody tr:last-child td')];
    const size = (rows) => rows.map((row) => row.map(({ x, width, height }) => [x, width, height]));
    assert.deepEqual(size(now), size(before), `${width} px`);
    const [date] = await page.$$eval('time', (all) => all.map((one) => one.getClientRects().length));
    assert.ok(width < 600 || date === 1, 'a date is one line');
    console_.signet('csr', 'delete', LONG, '--yes');
  }
});

test('each row of the list downloads and deletes, by icons with names', async (t) => {
  const { console_, page, at } = await opened(t);
  create(console_, 'nas', ['nas.example.org']);
  create(console_, 'done', ['nas.example.org']);
  ca.add(console_, 'done', 'DNS:nas.example.org', { to: 90 * DAY });
  await at('/csrs');
  assert.equal(await page.textContent('caption'), '2 requests');
  for (const [name, link, file] of [['nas', 'Download request of nas', 'nas.csr'], ['done', 'Download certificate and chain of done', 'done.chain.pem']]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: link }).click()]);
    assert.equal(download.suggestedFilename(), file, name);
  }
  await page.getByRole('link', { name: 'Delete nas' }).click();
  assert.equal(new URL(page.url()).pathname, '/csrs/nas/delete');
  console_.signet('csr', 'delete', 'done', '--yes');
  await at('/csrs');
  assert.equal(await page.textContent('caption'), '1 request');
});

test('the navigation is one line on a phone, all of it can be seen, and it marks the page', async (t) => {
  for (const width of [320, 390]) {
    const { console_, page, at } = await opened(t, { width });
    create(console_, 'nas', ['nas.example.org']);
    for (const [route, marked, as] of [['/csrs', 'Requests', 'page'], ['/csrs/nas', 'Requests', 'true'], ['/reply', 'Add certificate', 'page'], ['/authorities', 'CAs', 'page'], ['/console', 'This console', 'page'], ['/audit', 'Log', 'page'], ['/help', 'Help', 'page'], ['/account', 'Account', 'page']]) {
      await at(route);
      const links = await boxes(page, '.places a');
      assert.equal(new Set(links.map((link) => link.top)).size, 1, `${width} px: one line`);
      assert.ok(links.every((link) => link.left >= 0 && link.right <= width), `${width} px: ${JSON.stringify(links.at(-1))}`);
      const current = page.locator('[aria-current]:not(li)');
      assert.deepEqual([await current.allTextContents(), await current.getAttribute('aria-current')], [[marked], as], route);
    }
  }
});

test('a fingerprint never breaks inside a pair, at any width', async (t) => {
  const { console_, page, at } = await opened(t);
  create(console_, 'nas', ['nas.example.org']);
  ca.add(console_, 'nas', 'DNS:nas.example.org', { to: 90 * DAY });
  for (const width of [320, 390, 768, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const route of ['/console', '/csrs/nas']) {
      await at(route);
      for (const fold of await page.locator('.folds summary').all()) await fold.click();
      const codes = page.locator('code').filter({ hasText: /^([0-9A-F]{2}:){9}/ });
      assert.ok((await codes.count()) > 0, route);
      for (const code of await codes.all()) {
        const lines = (await code.innerText()).trim();
        assert.ok(!/[\n]/.test(lines) || lines.split('\n').every((line) => /^([0-9A-F]{2}:?)+$/.test(line)));
        const broken = await code.evaluate((element) => {
          const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
          const range = document.createRange();
          for (let text = walk.nextNode(); text; text = walk.nextNode()) {
            for (const pair of text.data.matchAll(/[0-9A-F]{2}/g)) {
              range.setStart(text, pair.index);
              range.setEnd(text, pair.index + 2);
              if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) return pair[0];
            }
          }
          return '';
        });
        assert.equal(broken, '', `${route} at ${width} px`);
      }
    }
  }
});

// Where a date or a word on a button goes on in the next line.
const broken = (page) => page.evaluate(() => {
  const found = [];
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const words = text.parentElement.closest('button, .button') ? text.data.matchAll(/[\p{L}…]+/gu) : text.data.matchAll(/\d{4}-\d{2}-\d{2}( \d{2}:\d{2} UTC)?/g);
    for (const word of words) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(word[0]);
    }
  }
  return found;
});

test('no date and no word on a button breaks, and the labels of a narrow table are whole', async (t) => {
  const { console_, page, at } = await opened(t);
  twelve(console_, ca);
  for (const width of [320, 390, 600, 800, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const route of ['/csrs', '/csrs/my-nas', '/csrs/old-nas-2026', '/csrs/camera/delete', '/console', '/csrs/my-nas/try', '/audit']) {
      await at(route);
      for (const fold of await page.locator('.folds summary').all()) await fold.click();
      assert.deepEqual(await broken(page), [], `${route} at ${width} px`);
    }
  }
  await page.setViewportSize({ width: 390, height: 800 });
  await at('/csrs/my-nas');
  await unfold(page, 'Certificate details');
  const [requested] = await boxes(page, 'td[data-label=Requested]');
  assert.ok(requested.height < 40, `Requested and DE are one line: ${requested.height} px`);
  await at('/csrs');
  const sorts = await boxes(page, 'th[class] a');
  assert.ok(sorts.filter(({ height }) => height > 10).length >= 2, 'a phone can sort, too');
});

test('where colours are forced, the filled button differs from a quiet one, and so do the shapes of a status', async (t) => {
  const { console_, page, at } = await opened(t, { forcedColors: 'active' });
  create(console_, 'nas', ['nas.example.org']);
  await at('/csrs/nas');
  const look = (selector) => page.$eval(selector, (element) => {
    const { color, backgroundColor } = getComputedStyle(element);
    return `${color} on ${backgroundColor}`;
  });
  assert.notEqual(await look('.next .button:not(.quiet)'), await look('.next .button.quiet'));
});

test('the login takes the focus, names the user for password managers, and sends no more for it', async (t) => {
  const { console_, page } = await opened(t);
  await page.click('button:has-text("Log out")');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
  assert.equal(await page.inputValue('[autocomplete=username]'), 'owner');
  assert.equal(await page.getAttribute('[autocomplete=username]', 'name'), null);
  await logIn(page, console_);
});

test('errors keep the navigation, say what was too large, and call nothing a request that is none', async (t) => {
  const { console_, page, at } = await opened(t);
  create(console_, 'nas', ['nas.example.org']);
  const seen = async (status, title) => {
    assert.equal(await page.textContent('h1'), title);
    assert.equal(await page.locator('.places a').count(), 6, `${status} has the navigation`);
    const words = (await page.textContent('main')).replace('Back to requests', '').replace('the list of requests', '');
    assert.ok(!/request/i.test(words), words);
  };
  for (const [route, status, title] of [['/nothing', 404, 'Page not found'], ['/logout', 405, 'This page cannot be used like that']]) {
    const response = await at(route);
    assert.equal(response.status(), status);
    await seen(status, title);
  }
  const sent = async (route, field, text, title) => {
    await at(route);
    await page.fill(field, text);
    const [response] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), page.click('main button')]);
    assert.equal(response.status(), 413);
    await seen(413, title);
  };
  await sent('/reply', '#certificate', 'x'.repeat(400_000), 'The file is too large');
  await at('/csrs/nas');
  await unfold(page, 'Name and note');
  await page.fill('#note', 'x'.repeat(70_000));
  await page.click('button:has-text("Save changes")');
  await seen(413, 'The form is too large');
});

test('a running trial is told on every page', async (t) => {
  const { console_, page, at } = await opened(t);
  create(console_, 'nas', ['nas.local'], ['--profile', 'https-ecc']);
  create(console_, 'mail', ['mail.example.org'], ['--profile', 'https-ecc']);
  ca.add(console_, 'nas', 'DNS:nas.local', { to: 90 * DAY });
  ca.add(console_, 'mail', 'email:root@nas.local', { to: 90 * DAY, usage: 'emailProtection' });
  await at('/console');
  assert.deepEqual(await page.locator('.usable a:has-text("Try")').allTextContents(), ['Try nas…'], 'a mail certificate cannot be used');
  await page.click('.usable a:has-text("Try")');
  await page.click('main button');
  await page.waitForSelector('button:has-text("Keep it")');
  for (const route of ['/csrs', '/csrs/nas', '/help', '/wizard', '/nothing']) {
    await at(route);
    assert.match(await page.textContent('.banner'), /Unless you keep it within (\d+ minutes? )?(\d+ seconds?)?/, route);
  }
  await page.click('.banner button:has-text("End the trial")');
  assert.match(await page.textContent('main'), /The trial has ended/);
  assert.equal(await page.locator('.banner').count(), 0);
});

test('the list prints as a table', async (t) => {
  const { console_, page, at } = await opened(t);
  create(console_, 'nas', ['nas.example.org', 'nas.local']);
  await page.setViewportSize({ width: 680, height: 900 });
  await page.emulateMedia({ media: 'print' });
  await at('/csrs');
  const display = (selector) => page.$eval(selector, (element) => getComputedStyle(element).display);
  assert.deepEqual([await display('thead'), await display('tbody tr'), await display('td.key')], ['table-header-group', 'table-row', 'table-cell']);
  assert.deepEqual([await display('td.do'), await display('.search'), await display('.bar')], ['none', 'none', 'none']);
  const file = path.join(path.dirname(console_.data), 'list.pdf');
  await page.pdf({ path: file, format: 'A4' });
  assert.ok(fs.statSync(file).size > 0);
});
