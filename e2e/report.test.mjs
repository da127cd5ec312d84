// The HTML report as an inspector meets it: from disk, in a browser that loads nothing and runs no script of the page.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { habeas, openBrowser, violations } from './demo.mjs';

const example = JSON.parse(process.env.HABEAS_EXAMPLE ?? 'null') ?? ['examples/register.csv', '--codebook', 'standards', '--now', '2026-03-04T02:20:00+04:00'];
const folder = mkdtempSync(join(tmpdir(), 'habeas-e2e-'));
const file = join(folder, 'report.html');
let browser;

before(async () => {
  const made = spawnSync(habeas, ['check', ...example, '--format', 'html', '--explain', '--out', file], { encoding: 'utf8' });
  assert.equal(made.status, 1, `the example has breaches to show: ${made.stderr}`);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(settings) {
  const context = await browser.newContext({ bypassCSP: true, ...settings });
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { context, page, asked };
}

for (const [name, settings] of [
  ['a desk', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ['a dark desk', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
  ['a telephone', { viewport: { width: 390, height: 800 }, colorScheme: 'light' }],
]) {
  test(`on ${name} everybody can read it`, async () => {
    const { context, page, asked } = await open(settings);
    await page.evaluate(() => document.querySelectorAll('details').forEach((d, n) => { d.open = n < 3; }));
    const found = await violations(page, ['best-practice']);
    assert.deepEqual(found.map((f) => `${f.id}: ${f.nodes[0].html}`), []);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(sideways, 0, 'the page scrolls sideways');
    assert.equal(asked.length, 1, `the page loads nothing but itself: ${asked}`);
    await context.close();
  });
}

test('without script every breach opens from the keyboard, with its entries', async () => {
  const { context, page } = await open({ javaScriptEnabled: false });
  const first = page.locator('details').first();
  assert.equal(await first.locator('table').isVisible(), false);
  await first.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.equal(await first.locator('table').isVisible(), true);
  await context.close();
});

test('every drawing says in words what it shows, with a table beside it', async () => {
  const { context, page } = await open({});
  const drawings = await page.locator('svg').count();
  assert.ok(drawings >= 3, `${drawings} drawings`);
  for (let n = 0; n < drawings; n += 1) {
    const drawing = page.locator('svg').nth(n);
    assert.ok((await drawing.locator('title').textContent()).length > 5);
    assert.ok((await drawing.locator('desc').textContent()).length > 10);
    assert.ok((await page.locator('.pair').nth(n).locator('tbody tr').count()) > 0);
  }
  await context.close();
});

test('on paper the breaches stand open', async () => {
  const { context, page } = await open({});
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('details table').first().isVisible(), true);
  await context.close();
});
