// Pictures of the pages that owners see most, in every state: 1280 and 390 px wide, light and dark, scripts off.
//
//   node tests/browser/pictures.mjs [FOLDER] [NAME | WIDTH-SCHEME]...
//
// after tests/browser/run has installed its packages. FOLDER is target/browser/pictures; names such as list-12 and settings such
// as 390-dark are the only ones to take. SIGNET names another binary, such as an older one to compare with.
// `tests/browser/screens.mjs` takes those of docs/screens.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Authority, DAY } from './authority.mjs';
import { PASSWORD, WORK, context, firstBoot, foreign, openChromium } from './console.mjs';
import { importFiles, make, setUp } from './walk.mjs';

const [folder = path.join(WORK, 'pictures'), ...wanted] = process.argv.slice(2);
const SETTINGS = [1280, 390].flatMap((width) => ['light', 'dark'].map((scheme) => ({ width, scheme, name: `${width}-${scheme}` })));
const settings = SETTINGS.filter(({ name }) => wanted.includes(name));
const only = wanted.filter((name) => !SETTINGS.some((setting) => setting.name === name));
const SUBJECT = ['--country', 'DE', '--state', 'Berlin', '--city', 'Berlin', '--organization', 'Example GmbH', '--email', 'root@nas.local'];
export const LONG = 'the-name-of-a-request-that-somebody-made-for-the-third-floor-of-building-seven-and-never-shortened-since-it-was-not-his';

// The console's owner and requests in every state that a list can show.
export function create(console_, name, names, more = ['--profile', 'https-rsa']) {
  const san = names.flatMap((name) => ['--san', name]);
  console_.signet('csr', 'create', '--name', name, ...more, ...SUBJECT, ...san);
}

export function twelve(console_, ca) {
  create(console_, 'backup', ['backup.example.org', 'backup.local'], ['--profile', 'https-ecc']);
  create(console_, 'camera', ['camera.example.org']);
  create(console_, 'lab', Array.from({ length: 60 }, (_, at) => `host${at + 1}.example.org`), ['--profile', 'https-ecc']);
  create(console_, 'mail', ['mail.example.org', 'imap.example.org', 'smtp.example.org']);
  create(console_, 'media', ['media.example.org', 'www.media.example.org']);
  create(console_, 'my-nas', ['nas.example.org', '192.168.1.20']);
  create(console_, 'old-nas', ['nas.example.org']);
  create(console_, 'office', ['büro.example.org'], ['--key-type', 'EC', '--ec-curve', 'ed25519']);
  create(console_, 'printer', ['printer.local']);
  create(console_, LONG, ['a-very-long-host-name-for-the-laboratory.third-floor.building-seven.example.org', 'b.example.org', 'c.example.org']);
  ca.add(console_, 'backup', 'DNS:backup.example.org,DNS:backup.local', { to: 180 * DAY });
  ca.add(console_, 'media', 'DNS:media.example.org,DNS:www.media.example.org', { to: 90 * DAY });
  ca.add(console_, 'my-nas', 'DNS:nas.example.org', { to: 90 * DAY });
  ca.add(console_, 'camera', 'DNS:camera.example.org', { from: -70 * DAY, to: 12.5 * DAY });
  ca.add(console_, 'old-nas', 'DNS:nas.example.org', { to: 60 * DAY });
  console_.signet('csr', 'renew', 'old-nas', '--name', 'old-nas-2026');
  ca.add(console_, 'old-nas-2026', 'DNS:nas.example.org', { to: 120 * DAY });
  console_.signet('csr', 'renew', 'backup', '--name', 'backup-2027');
  // Expires while the other pictures are taken.
  ca.add(console_, 'mail', 'DNS:mail.example.org,DNS:imap.example.org', { from: -80 * DAY, to: 20_000 });
  return Date.now() + 21_000;
}

async function main() {
  const ends = [];
  const t = { after: (end) => ends.unshift(end) };
  try {
    await take(t);
  } finally {
    for (const end of ends) await end();
  }
}

async function take(t) {
  const browser = await openChromium(t);
  fs.mkdirSync(folder, { recursive: true });
  const ca = new Authority();
  t.after(() => ca.close());

  // Each console with its owner logged in, in each setting.
  const opened = async (config) => {
    const console_ = await firstBoot(t, config, 'nas01');
    const first = await (await context(browser)).newPage();
    await first.goto(console_.url);
    await first.fill('#setup_code', console_.code);
    await first.fill('#password', PASSWORD);
    await first.fill('#password_confirm', PASSWORD);
    await first.click('main button');
    const pages = [];
    for (const setting of settings.length ? settings : SETTINGS) {
      const page = await (await context(browser, { ...setting, height: 800 })).newPage();
      await page.setViewportSize({ width: setting.width, height: setting.width > 1000 ? 800 : 844 });
      await page.goto(`${console_.url}/login`);
      await page.fill('#password', PASSWORD);
      await page.click('main button');
      pages.push({ page, ...setting });
    }
    const see = async (name, to) => {
      if (only.length && !only.includes(name)) return;
      for (const { page, width, scheme } of pages) {
        if (typeof to === 'string') await page.goto(`${console_.url}${to}`);
        else await to(page);
        await page.mouse.move(0, 0);
        await page.screenshot({ path: path.join(folder, `${name}-${width}-${scheme}.png`), fullPage: true });
      }
    };
    return { console_, see };
  };

  const one = await opened();
  await one.see('list-none', '/csrs');
  create(one.console_, 'my-nas', ['nas.example.org', '192.168.1.20']);
  await one.see('list-1', '/csrs');
  await one.see('request-waiting', '/csrs/my-nas');
  await one.see('add-certificate', '/reply');
  const compare = (names, terms) => {
    const pem = ca.issue(one.console_, 'my-nas', names, terms) + ca.issuing + ca.root;
    return async (page) => {
      await page.goto(`${one.console_.url}/reply`);
      await page.fill('#certificate', pem);
      await page.click('main button');
    };
  };
  await one.see('compare-missing', compare('DNS:nas.example.org', { to: 90 * DAY }));
  await one.see('compare-good', compare('DNS:nas.example.org,IP:192.168.1.20', { to: 200 * DAY - 60_000 }));
  await one.see('compare-bad', compare('DNS:other.example.org', { to: 90 * DAY, usage: 'clientAuth' }));

  const many = await opened();
  for (let at = 1; at <= 300; at++) create(many.console_, `unit-${String(at).padStart(3, '0')}`, [`unit-${at}.example.org`, `unit-${at}.local`], ['--profile', 'https-ecc']);
  await many.see('list-300', '/csrs');
  await many.see('list-300-last', '/csrs?page=6');

  const all = await opened();
  const at = (route) => `/csrs/${route}`;
  const over = twelve(all.console_, ca);
  all.console_.signet('console', 'use', 'media');
  await all.see('request-issued', at('my-nas'));
  await all.see('request-due', at('camera'));
  await all.see('request-replaced', at('old-nas'));
  await all.see('request-renewal', at('old-nas-2026'));
  await all.see('request-being-replaced', at('backup'));
  await all.see('request-many-names', at('lab'));
  await all.see('request-long-name', at(LONG));
  await all.see('request-error', async (page) => {
    await page.goto(`${all.console_.url}${at('printer')}`);
    const fold = page.locator('.folds summary:has-text("Name and note")');
    if (await fold.count()) await fold.click();
    await page.fill('#name', 'a b');
    await page.click('button:has-text("Save changes")');
  });
  await all.see('request-open', async (page) => {
    await page.goto(`${all.console_.url}${at('my-nas')}`);
    for (const fold of await page.locator('.folds summary').all()) await fold.click();
  });
  await all.see('delete', at('my-nas/delete'));
  await all.see('console', '/console');
  await all.see('use', at('my-nas/try'));
  await all.see('log', '/audit');
  await all.see('account', '/account');
  await all.see('help', '/help');
  await all.see('key', at('my-nas/key'));
  await all.see('difference', at('old-nas-2026/difference'));
  await all.see('not-found', '/nothing-here');
  await all.see('too-large', async (page) => {
    await page.goto(`${all.console_.url}/reply`);
    await page.fill('#certificate', 'x'.repeat(400_000));
    await page.click('main button');
  });
  await all.see('login', async (page) => {
    await page.context().clearCookies();
    await page.goto(`${all.console_.url}/login`);
  });
  await all.see('login-error', async (page) => {
    await page.fill('#password', 'not the password');
    await page.click('main button');
  });
  all.console_.signet('recover', 'lockout', '--yes');
  const back = async (page) => {
    await page.goto(`${all.console_.url}/login`);
    await page.fill('#password', PASSWORD);
    await page.click('main button');
  };
  fs.writeFileSync(path.join(all.console_.data, 'csrs', 'wiki.pem'), '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n', { mode: 0o600 });
  await setTimeout(Math.max(0, over - Date.now()));
  await all.see('list-12', async (page) => {
    await back(page);
    await page.goto(`${all.console_.url}/csrs`);
  });
  await all.see('request-expired', at('mail'));
  await all.see('request-damaged', at('wiki'));
  await all.see('list-search', '/csrs?q=example');

  // Set-up, the steps of a request, and an import with its mistakes: a console for each setting, since each step is made once.
  const file = foreign(path.join(WORK, 'pictures-foreign'));
  const steps = [
    ...['setup', 'setup-error', 'identity', 'options', 'options-open', 'subject', 'subject-error', 'subject-suggested', 'constraints', 'constraints-open', 'confirm'],
    ...['import', 'import-error', 'import-passphrase', 'confirm-import', 'csr-imported'],
  ];
  for (const setting of settings.length ? settings : SETTINGS) {
    if (only.length && !only.some((name) => steps.includes(name))) break;
    const console_ = await firstBoot(t, undefined, 'nas01');
    const page = await (await context(browser, { ...setting, height: 800 })).newPage();
    const see = async (name) => {
      if (only.length ? !only.includes(name) : !steps.includes(name)) return;
      await page.mouse.move(0, 0);
      await page.screenshot({ path: path.join(folder, `${name}-${setting.name}.png`), fullPage: true });
    };
    await setUp(page, console_, see);
    await make(page, console_, 'nas', see);
    await importFiles(page, console_, 'imported', file, see);
  }

  // The restart takes the certificate of `console use`; then a trial.
  const trial = await opened();
  create(trial.console_, 'my-nas', ['nas.local', '127.0.0.1'], ['--profile', 'https-ecc']);
  ca.add(trial.console_, 'my-nas', 'DNS:nas.local,IP:127.0.0.1', { to: 90 * DAY });
  await trial.see('console-usable', '/console');
  let begun = false;
  const onTrial = (route) => async (page) => {
    if (!begun) {
      await page.goto(`${trial.console_.url}${at('my-nas/try')}`);
      await page.click('main button');
      begun = true;
    }
    await page.goto(`${trial.console_.url}/console`);
    await page.waitForSelector('button:has-text("Keep it")');
    await page.goto(`${trial.console_.url}${route}`);
  };
  await trial.see('trial-console', onTrial('/console'));
  await trial.see('trial-list', onTrial('/csrs'));
  await trial.see('trial-request', onTrial(at('my-nas')));
  await trial.see('request-in-use', async (page) => {
    await page.goto(`${trial.console_.url}/console`);
    const keep = page.locator('button:has-text("Keep it")');
    if (await keep.count()) await keep.first().click();
    await page.goto(`${trial.console_.url}${at('my-nas')}`);
  });
  await trial.see('delete-in-use', at('my-nas/delete'));
}

if (process.argv[1] === import.meta.filename) await main();
