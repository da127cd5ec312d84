// The desk's views: the record in lanes and as known at a moment, the wall, a shift handed over, papers, a receipt brought back; from right
// to left, on a telephone and in print.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Demo, grave, wide } from './demo.mjs';

const record = '/record/custody/AV-1041';
let demo;
before(async () => { demo = await Demo.open('views', 6, 15_000); });
after(() => demo?.close());
const signedIn = (role, settings) => demo.signedIn(role, settings);
const at = (page, path) => demo.at(page, path);
const speaks = (page, language) => at(page, `/language?to=${language}&next=/verify`);
const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('the officer sees the hours in lanes, and each mark again in a table that leads to its entry', async () => {
  const page = await signedIn('custody officer');
  await at(page, record);
  const drawing = page.locator('svg[role=img]').first();
  assert.ok(await drawing.isVisible());
  assert.ok((await drawing.locator('desc').textContent()).length > 40, 'it is told in sentences');
  await page.locator('details summary').first().click();
  const href = await page.locator('details tbody a[href^="#"]').first().getAttribute('href');
  assert.equal(await page.locator(`[id="${href.slice(1)}"]`).count(), 1);
  assert.ok(await drawing.locator('path.lim').count() > 0, 'limits stand in it');
});

test('the record is read as it was known, by the slider and by a moment, also without script', async () => {
  const page = await signedIn('custody officer');
  await at(page, record);
  const all = await page.locator('.entry').count();
  const slider = page.locator('#known-entry');
  await slider.focus();
  await Promise.all([page.waitForURL(/entry=1\b/), slider.press('Home')]);
  assert.ok(await page.locator('.entry').count() < all);
  assert.match(await page.locator('main').innerText(), /as it was known at/);
  const plain = await signedIn('custody officer', { javaScriptEnabled: false });
  await at(plain, record);
  await plain.locator('#known').fill('2020-01-01 10:00');
  await plain.locator('form:has(#known) button').click();
  assert.equal(await plain.locator('.entry').count(), 0, 'nothing was known then');
  await plain.locator('#known').fill('tomorrow');
  await plain.locator('form:has(#known) button').click();
  assert.match(await plain.locator('#known-err').innerText(), /no moment/);
});

test('the wall shows no names, has no controls and loads itself anew', async () => {
  const page = await signedIn('custody officer', { viewport: { width: 1920, height: 1080 } });
  await at(page, '/board');
  const names = (await page.locator('table.board tbody th a').allInnerTexts()).filter((name) => !name.startsWith('AV-'));
  await at(page, '/board/wall');
  const shown = await page.locator('body').innerText();
  assert.ok(names.length > 0 && names.every((name) => !shown.includes(name)), 'names');
  assert.equal(await page.locator('button, input, select, a').count(), 0);
  const size = await page.locator('.hour').evaluate((one) => parseFloat(getComputedStyle(one).fontSize));
  assert.ok(size > 70, `${size} px`);
  assert.equal(await sideways(page), 0);
  const plain = await signedIn('custody officer', { javaScriptEnabled: false });
  await at(plain, '/board/wall');
  assert.match(await plain.locator('meta[http-equiv=refresh]').getAttribute('content'), /^60; url=\/board\/wall/);
});

test('the board is filtered and sorted by its address', async () => {
  const page = await signedIn('custody officer');
  await at(page, '/board');
  await page.locator('thead a').first().click();
  const cells = await page.locator('table.board .cellno').allInnerTexts();
  assert.deepEqual(cells, [...cells].sort());
  assert.equal(await page.locator('thead th').first().getAttribute('aria-sort'), 'ascending');
  await at(page, '/board?show=overdue');
  assert.equal(await page.locator('table.board tbody tr:not(.group):not([data-state=overdue])').count(), 0);
});

test('a shift is handed over and taken back before anybody has confirmed it', async () => {
  const page = await signedIn('custody officer');
  await at(page, '/handover');
  const people = await page.locator('tbody tr').count();
  assert.ok(people > 0);
  await page.locator('tbody input').first().fill('asks for water');
  await page.locator('button[value=end]').click();
  await page.locator('button[value=back]').click();
  assert.equal(await page.locator('button[value=end]').count(), 1);
});

test('a receipt is saved, brought back and told; by its text, by its file, altered and foreign', async () => {
  const officer = await signedIn('custody officer');
  await at(officer, record);
  await officer.locator('.entry .by a').first().click();
  assert.ok(await officer.locator('svg.qr').isVisible());
  const [saved] = await Promise.all([officer.waitForEvent('download'), officer.locator('button[value=text]').click()]);
  const file = join(demo.folder, 'receipt.tlog-proof');
  await saved.saveAs(file);
  const text = await officer.locator('#proof').textContent();
  const stranger = await demo.visitor();
  const checked = async () => {
    await stranger.locator('form:has(#receipt) button').click();
    return stranger.locator('main [role=status], main [role=alert]').first().innerText();
  };
  await at(stranger, '/verify');
  await stranger.locator('#receipt').fill(text);
  assert.match(await checked(), /It stands/);
  await at(stranger, '/verify');
  await stranger.locator('#receipt-file').setInputFiles(file);
  await stranger.waitForFunction(() => document.getElementById('receipt').value.startsWith('c2sp.org'));
  assert.match(await checked(), /It stands/);
  await at(stranger, '/verify');
  await stranger.locator('#receipt').fill(text.replace(/index (\d+)/, (_, n) => `index ${Number(n) + 1}`));
  assert.match(await checked(), /It does not hold/);
  await stranger.locator('#receipt').fill('good day');
  assert.match(await checked(), /This is no receipt/);
  writeFileSync(file, '');
});

test('the record is printed in the language of the person, on paper and as PDF', async () => {
  const page = await signedIn('custody officer');
  await at(page, `${record}/paper`);
  await page.locator('input[value=ru]').check();
  await page.locator('button[value=page]').click();
  assert.equal(await page.locator('html').getAttribute('lang'), 'ru');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('header.top').isVisible(), false);
  assert.ok(await page.locator('svg.qr').isVisible());
  await page.emulateMedia({ media: 'screen' });
  const cookie = (await page.context().cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
  const pdf = await fetch(`${demo.address}${record}/paper?lang=az&as=pdf`, { headers: { cookie } });
  assert.equal(pdf.headers.get('content-type'), 'application/pdf');
  assert.equal(Buffer.from(await pdf.arrayBuffer()).subarray(0, 5).toString(), '%PDF-');
});

test('from right to left the pages turn round and nothing sticks out', async () => {
  const page = await signedIn('custody officer');
  await speaks(page, 'ar-XB');
  const paths = ['/board', record, `${record}/paper`, `${record}/enter`, `${record}/enter/welfare_checked`, '/handover', '/cells', '/account', '/verify'];
  for (const width of [1280, 768, 375]) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of paths) {
      await at(page, path);
      assert.equal(await page.locator('html').getAttribute('dir'), 'rtl', path);
      assert.equal(await sideways(page), 0, `${path} sticks out at ${width} px`);
    }
  }
  await page.setViewportSize(wide.viewport);
  await at(page, '/board');
  const box = (selector) => page.locator(selector).first().boundingBox();
  assert.ok((await box('table.board tbody .cellno')).x > (await box('table.board tbody th[scope=row]')).x, 'the first column stands on the right');
  assert.ok((await box('.mark')).x > (await box('.langs')).x, 'the top bar begins on the right');
  await at(page, record);
  const lane = await page.locator('svg.wide text.b').first().evaluate((one) => Number(one.getAttribute('x')));
  assert.ok(lane > 1000, 'lanes begin on the right');
  await speaks(page, 'en');
});

test('every text is set in the type that the desk brings', async () => {
  const page = await signedIn('custody officer');
  await at(page, '/board');
  const loaded = await page.evaluate(async () => { await document.fonts.ready; return [...document.fonts].filter((face) => face.status === 'loaded').length; });
  assert.ok(loaded >= 1);
  assert.match(await (await fetch(`${demo.address}/assets/noto-sans-licence.txt`)).text(), /SIL Open Font License/i);
});

for (const language of ['en', 'az', 'ru']) {
  test(`nothing serious stands between anybody and these views in ${language}`, async () => {
    const page = await signedIn('custody officer', { bypassCSP: true });
    await speaks(page, language);
    await at(page, record);
    const receipt = await page.locator('.entry .by a').first().getAttribute('href');
    const found = [];
    for (const path of ['/board', '/board?sort=cell', '/board/wall', record, `${record}?entry=2`, `${record}?known_at=tomorrow`, `${record}/paper`, `${record}/paper?as=page`, receipt, '/verify', '/handover']) {
      for (const width of path === '/board/wall' ? [1280] : [1280, 375]) {
        await page.setViewportSize({ width, height: 900 });
        await at(page, path);
        if (await sideways(page)) found.push(`${path} at ${width} px sticks out`);
        found.push(...(await grave(page)).map((one) => `${path} at ${width} px, ${one}`));
      }
    }
    await speaks(page, 'en');
    assert.deepEqual(found, []);
  });
}
