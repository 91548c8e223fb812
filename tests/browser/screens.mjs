// Takes the pictures of docs/screens anew: `node tests/browser/screens.mjs`, after tests/browser/run has installed its packages.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { context, firstBoot, openChromium } from './console.mjs';
import { make, setUp } from './walk.mjs';

const folder = path.resolve('docs/screens');
const ends = [];
const t = { after: (end) => ends.unshift(end) };
const browser = await openChromium(t);

async function take(settings, wanted) {
  const console_ = await firstBoot(t);
  const page = await (await context(browser, settings)).newPage();
  page.setViewportSize({ width: settings.width, height: settings.height });
  const see = async (name) => {
    if (!(name in wanted)) return;
    const [file, anchor] = wanted[name];
    if (name === 'subject-suggested') await page.fill('#san', (await page.inputValue('#san')).replace('not yet:\n', ''));
    await page.mouse.move(0, 0);
    if (anchor) await page.locator(anchor).evaluate((element) => scrollTo(0, element.getBoundingClientRect().top + scrollY - 110));
    const picture = path.join(folder, `${file}.png`);
    await page.screenshot({ path: picture });
    execFileSync('optipng', ['-quiet', '-o5', '-strip', 'all', picture]);
  };
  await setUp(page, console_, see);
  for (const [name, common] of [['backup', 'backup.example.org'], ['mail', 'mail.example.org'], ['media', 'media.example.org']]) {
    console_.signet('csr', 'create', '--name', name, '--profile', name === 'mail' ? 'https-rsa' : 'https-ecc', '--country', 'DE', '--state', 'Berlin', '--city', 'Berlin', '--organization', 'Example GmbH', '--email', 'root@nas.local', '--common', common, '--san', `${name}.local`);
  }
  await make(page, console_, 'nas', see);
  await page.goto(`${console_.url}/csrs`);
  await see('list');
}

await take({ width: 1024, height: 720, scheme: 'light' }, {
  setup: ['setup'],
  'subject-suggested': ['names', '#common'],
  confirm: ['confirm'],
  list: ['list'],
});
await take({ width: 1024, height: 720, scheme: 'dark' }, { 'csr-saved': ['fingerprint-dark', '#h-key'] });
await take({ width: 360, height: 720, scheme: 'dark' }, { constraints: ['phone-dark'] });
for (const end of ends) await end();
