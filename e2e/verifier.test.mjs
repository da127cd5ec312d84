// The receipt's check as a lawyer meets it: one file from disk, no network, the same answer as the command line.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { habeas, openBrowser, violations } from './demo.mjs';

const folder = mkdtempSync(join(tmpdir(), 'habeas-verifier-'));
const file = join(folder, 'verifier.html');
const built = spawnSync('web/verifier/build', [file], { encoding: 'utf8' });
// The standard library for WebAssembly is not part of every toolchain; the script says how to get it.
const skip = built.status === 2 ? built.stderr.trim() : false;
const receipt = readFileSync('fuzz/corpus/receipt/shown', 'utf8');
const policy = readFileSync('fuzz/corpus/policy/two', 'utf8');
let browser;

before(async () => {
  if (skip) return;
  assert.equal(built.status, 0, built.stderr);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Fills the page in as a person does, and reads the answer. */
async function checked(text, believed, groups = '') {
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(resolve(file)).href);
  await page.getByLabel('The receipt', { exact: true }).fill(text);
  await page.getByLabel('Whom you believe').fill(believed);
  await page.getByLabel('The groups on the slip').fill(groups);
  await page.getByRole('button', { name: 'Check' }).click();
  const answer = page.getByRole('status');
  await answer.waitFor();
  const found = { text: await answer.textContent(), status: Number(await answer.getAttribute('data-status')) };
  assert.equal(requests.length, 1, `the page loads nothing but itself: ${requests}`);
  await context.close();
  return found;
}

test('the page and the command line give one answer', { skip }, async () => {
  const told = spawnSync(habeas, ['verify', 'receipt', 'fuzz/corpus/receipt/shown', '--policy', 'fuzz/corpus/policy/two'], { encoding: 'utf8' });
  const found = await checked(receipt, policy);
  assert.equal(found.text, told.stdout);
  assert.equal(found.status, told.status);
  assert.match(found.text, /PROVEN \(0\)/);
});

test('an altered receipt, one not yet witnessed, and what is none are told apart', { skip }, async () => {
  assert.equal((await checked(receipt.replace('\n5\n', '\n6\n'), policy)).status, 1);
  assert.equal((await checked(receipt.split('\n').filter((line) => !line.includes('ombudsman')).join('\n'), policy)).status, 4);
  const none = await checked('hello', policy);
  assert.equal(none.status, 2);
  assert.match(none.text, /expected/);
});

test('the groups of a slip are checked', { skip }, async () => {
  const slip = spawnSync(habeas, ['receipt', 'fuzz/corpus/receipt/shown'], { encoding: 'utf8' }).stdout;
  const groups = slip.split('entry  ')[1].trim().split(/\s+/).join(' ');
  assert.equal((await checked(receipt, policy, groups.toLowerCase())).status, 0);
  assert.equal((await checked(receipt, policy, groups.replace(groups[0], groups[0] === 'A' ? 'B' : 'A'))).status, 2);
});

test('everybody can use it', { skip }, async () => {
  for (const viewport of [{ width: 1280, height: 900 }, { width: 390, height: 800 }]) {
    const context = await browser.newContext({ bypassCSP: true, viewport });
    const page = await context.newPage();
    await page.goto(pathToFileURL(resolve(file)).href);
    const found = await violations(page, ['best-practice']);
    assert.deepEqual(found.map((f) => `${f.id}: ${f.nodes[0].html}`), []);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(sideways, 0, 'the page scrolls sideways');
    await context.close();
  }
});
