// Takes the pictures of docs/screens anew: `node tests/browser/screens.mjs`, after tests/browser/run has installed its packages.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Authority, DAY } from './authority.mjs';
import { context, firstBoot, openChromium } from './console.mjs';
import { twelve } from './pictures.mjs';
import { make, setUp, unfold } from './walk.mjs';

const folder = path.resolve('docs/screens');
const ends = [];
const t = { after: (end) => ends.unshift(end) };
const browser = await openChromium(t);
const ca = new Authority();
t.after(() => ca.close());

// A console with requests in every state; `see(name)` takes the pictures that are wanted of this size.
async function take({ width, height, scheme }, wanted) {
  const console_ = await firstBoot(t, undefined, 'nas01');
  const page = await (await context(browser, { width, scheme })).newPage();
  await page.setViewportSize({ width, height });
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
  await make(page, console_, 'nas', see);
  twelve(console_, ca);
  const at = (route) => page.goto(`${console_.url}${route}`);
  await at('/csrs');
  await see('list');
  await at('/csrs/my-nas');
  await see('request');
  await at('/csrs/lab');
  await see('request-waiting');
  await at('/csrs/nas');
  await unfold(page, 'Fingerprint');
  await see('fingerprint');
  await at('/reply');
  await page.fill('#certificate', ca.issue(console_, 'my-nas', 'DNS:nas.example.org', { to: 90 * DAY }) + ca.issuing + ca.root);
  await page.click('main button');
  await see('compare');
}

const WIDE = { width: 1180, height: 760 };
await take({ ...WIDE, scheme: 'light' }, {
  setup: ['setup'],
  'subject-suggested': ['names', '#common'],
  confirm: ['confirm'],
  list: ['list'],
  request: ['request'],
  compare: ['compare'],
});
await take({ ...WIDE, scheme: 'dark' }, { fingerprint: ['fingerprint-dark', '#main'], list: ['list-dark'] });
await take({ width: 390, height: 780, scheme: 'dark' }, { list: ['phone-dark'], 'request-waiting': ['phone-request-dark'] });
for (const end of ends) await end();
