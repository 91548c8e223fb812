// The whole wizard by keyboard alone, scripts disabled: Tab, arrows, space, Enter and letters.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, context, firstBoot, openChromium } from './console.mjs';
import { focused } from './walk.mjs';

// Tab to a control; each stop on the way shows where the focus is, in full.
async function reach(page, selector, most = 60) {
  for (let pressed = 0; pressed < most; pressed++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate((selector) => {
      const element = document.activeElement;
      const { top, left, bottom, right, width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const seen = document.elementFromPoint((left + right) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2);
      return {
        there: element.matches(selector),
        name: `${element.tagName} ${element.id || element.name || element.textContent}`,
        ring: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none',
        hidden: bottom <= 0 || top >= innerHeight || !(seen && (element.contains(seen) || seen.contains(element))),
        small: style.display !== 'inline' && (width < 24 || height < 24),
      };
    }, selector);
    assert.ok(at.ring, `${at.name}: the focus can be seen`);
    assert.ok(!at.hidden, `${at.name}: the focus is not hidden`);
    assert.ok(!at.small, `${at.name}: 24 by 24 pixels`);
    if (at.there) return;
  }
  assert.fail(`${selector} was not reached`);
}

async function type(page, selector, text) {
  await reach(page, selector);
  await page.keyboard.type(text);
}

async function enter(page) {
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
}

test('a request is made from first boot to download by keyboard alone', async (t) => {
  const browser = await openChromium(t);
  const console_ = await firstBoot(t);
  const page = await (await context(browser)).newPage();
  await page.goto(console_.url);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  await type(page, '#setup_code', console_.code.toLowerCase().replaceAll('-', ' '));
  await type(page, '#password', PASSWORD);
  await type(page, '#password_confirm', PASSWORD);
  await enter(page);
  await reach(page, 'main a[href="/wizard"]');
  await enter(page);
  await type(page, '#name', 'by-keyboard');
  await reach(page, '#profile');
  await page.keyboard.type('HTTPS E');
  await reach(page, 'button[name=next]');
  await enter(page);
  assert.equal(await page.isChecked('#key_type-EC'), true, 'the profile has filled in the options');
  await reach(page, 'summary');
  await page.keyboard.press('Enter');
  await reach(page, '#key_type-EC');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  await reach(page, '#lifetime');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('30');
  await enter(page);
  // Next without an answer: the focus lands on the summary, and its link leads to the field.
  await reach(page, '#email');
  await enter(page);
  await focused(page, 'summary');
  await reach(page, '#summary a[href="#country"]', 2);
  await page.keyboard.press('Enter');
  await focused(page, 'country');
  await page.keyboard.type('Germ');
  for (const [field, text] of [['state', 'Berlin'], ['city', 'Berlin'], ['organization', 'Example GmbH'], ['email', 'root@nas.local'], ['common', 'nas.example.org']]) {
    await type(page, `#${field}`, text);
  }
  await reach(page, 'button[name=suggest][value="nas.local"]');
  await enter(page);
  await focused(page, 'san');
  assert.equal(await page.inputValue('#san'), 'nas.local');
  await reach(page, 'button[name=next]');
  await enter(page);
  await reach(page, 'summary');
  await page.keyboard.press('Enter');
  await reach(page, '#eku_CLIENT_AUTH');
  await page.keyboard.press('Space');
  await reach(page, 'button[name=next]');
  await enter(page);
  await reach(page, 'summary');
  await page.keyboard.press('Enter');
  assert.match(await page.textContent('.twin pre'), /--eku=CLIENT_AUTH/);
  await reach(page, 'button[name=save]');
  await enter(page);
  assert.equal(new URL(page.url()).pathname, '/csrs/by-keyboard');
  await reach(page, 'main a.button');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(download.suggestedFilename(), 'by-keyboard.csr');
});
