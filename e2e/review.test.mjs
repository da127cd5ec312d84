// The treaty coordinator's work in a real browser: a record comes as a file, a decision is made, a reply drafted, an action planned, progress noted.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { AxeBuilder } from '@axe-core/playwright';

const habeas = process.env.HABEAS_BIN ?? 'target/debug/habeas';
const records = 'crates/review/tests/records';
const pictures = process.env.PICTURES;
const folder = mkdtempSync(join(tmpdir(), 'habeas-review-'));
let browser, state, page;

async function open() {
  const child = spawn(habeas, ['demo', '--people', '3', '--data', join(folder, 'arvenia'), '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', complained = '';
  child.stderr.on('data', (text) => { complained += text; });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => { said += text; if (/treaty coordinator.*\n/.test(said)) resolve(); });
    child.on('exit', (status) => reject(new Error(`the demo ended with ${status}: ${complained}`)));
  });
  child.removeAllListeners('exit');
  const links = Object.fromEntries([...said.matchAll(/^ {2}(.+?) +(http:\S+)/gm)].map((found) => [found[1], found[2]]));
  return { child, links, address: said.match(/http:\/\/[\d.:]+/)[0] };
}

before(async () => {
  state = await open();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true, acceptDownloads: true });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(Object.entries(state.links).find(([role]) => role.startsWith('treaty'))[1]);
  await page.locator('main button').click();
});
after(async () => {
  await browser?.close();
  state?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const at = (path) => page.goto(`${state.address}${path}`);
const main = () => page.locator('main').innerText();
const picture = async (name) => { if (pictures) { mkdirSync(pictures, { recursive: true }); await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: false }); } };

async function handIn(file) {
  await at('/review');
  await page.locator('#file').setInputFiles(file);
  await page.locator('main form button').click();
}

async function fetched(link) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return readFileSync(await download.path());
}

test('a file that is no record is refused with the reason, and nothing is kept', async () => {
  const letter = join(folder, 'letter.txt');
  writeFileSync(letter, 'Dear Sir,\n\n1. Thank you.\n');
  await handIn(letter);
  assert.match(await page.locator('[role=alert]').innerText(), /not a text of a treaty body/);
  const cut = join(folder, 'cut.pdf');
  writeFileSync(cut, readFileSync(join(records, 'children-1998.pdf')).subarray(0, 20_000));
  await handIn(cut);
  assert.match(await page.locator('[role=alert]').innerText(), /cut short: byte 20000/);
  assert.match(await main(), /No document yet/);
  await picture('refused');
});

let bench;
test('a record comes as a PDF and is read beside what was found in it', async () => {
  await handIn(join(records, 'children-1998.pdf'));
  assert.match(page.url(), /\/review\/d/);
  bench = new URL(page.url()).pathname;
  assert.match(await main(), /CRC\/C\/SR\.4411/);
  assert.ok(await page.locator('article[data-open]').count() > 0, 'questions without a full answer');
  await picture('bench');
});

test('by keys alone: to the next open question, over to the choice, and the decision stands with its author', async () => {
  const before = await page.locator('article[data-open]').count();
  await page.keyboard.press('n');
  await page.waitForURL(/#q/);
  const id = new URL(page.url()).hash.slice(1);
  await page.keyboard.press('o');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'status');
  await page.locator(`article[id="${id}"] select[name=status]`).selectOption('full');
  await page.locator(`article[id="${id}"] input[name=why]`).fill('the figure was given at the next meeting');
  await page.locator(`article[id="${id}"] input[name=why]`).press('Enter');
  await page.waitForLoadState();
  const decided = page.locator(`article[id="${id}"]`);
  assert.match(await decided.innerText(), /decided by .*the figure was given at the next meeting/s);
  assert.equal(await page.locator('article[data-open]').count(), before - 1);
  await page.locator('h1').click();
  await page.keyboard.press('n');
  const hash = new URL(page.url()).hash;
  await page.keyboard.press('a');
  await page.waitForLoadState();
  assert.notEqual(hash, '', 'accepted what stood there');
  await picture('decided');
});

test('the decision holds when the corrected record comes', async () => {
  const corrected = readFileSync(join(records, 'children-1998.txt'), 'utf8').replace('FICTIONAL.', 'FICTIONAL. Corrected.');
  const file = join(folder, 'corrected.txt');
  writeFileSync(file, corrected);
  await handIn(file);
  assert.match(await main(), /the figure was given at the next meeting/);
});

test('the reply is drafted as text, page and word-processor document', async () => {
  await at(bench);
  const text = (await fetched(page.locator('a[href$="reply.txt"]'))).toString();
  assert.match(text, /Draft reply to CRC\/C\/SR\.4411/);
  assert.match(text, /\[Reply\]/);
  assert.match((await fetched(page.locator('a[href$="reply.html"]'))).toString(), /<h1>Draft reply/);
  assert.equal((await fetched(page.locator('a[href$="reply.docx"]'))).subarray(0, 2).toString(), 'PK');
});

test('recommendations become a plan: an action, progress, its end', async () => {
  await handIn(join(records, 'observations.txt'));
  await page.locator('form[action$="/plan"] button').click();
  assert.match(page.url(), /\/plan$/);
  const first = page.locator('section.sheet').first();
  await first.locator('form[action="/plan/add"] input[name=what]').fill('Fit telephones for children');
  await first.locator('form[action="/plan/add"] input[name=leads]').fill('Ministry of the Interior');
  await first.locator('form[action="/plan/add"] input[name=due]').fill('2031-12-01');
  await first.locator('form[action="/plan/add"] button').click();
  assert.match(await main(), /Fit telephones for children/);
  const note = page.locator('form[action="/plan/note"]').first();
  await note.locator('input[name=what]').fill('Tender published');
  await note.locator('input[name=evidence]').fill('https://example.org/tender');
  await note.locator('button').click();
  assert.match(await main(), /Tender published/);
  await picture('plan');
});

test('the calendar shows the day, and tables go out and come back', async () => {
  await at('/plan/calendar?month=2031-12');
  assert.match(await page.locator('table.month').innerText(), /Fit telephones for children/);
  await picture('calendar');
  await at('/plan');
  assert.match((await fetched(page.locator('a[href$="plan.json"]'))).toString(), /Fit telephones/);
  assert.match((await fetched(page.locator('a[href$="plan.html"]'))).toString(), /Fit telephones/);
  assert.match((await fetched(page.locator('a[href$="plan.ics"]'))).toString(), /BEGIN:VCALENDAR/);
  const archive = await fetched(page.locator('a[href$="plan.zip"]'));
  const zip = join(folder, 'plan.zip');
  writeFileSync(zip, archive);
  const send = async (files) => {
    await at('/plan');
    await page.locator('#file').setInputFiles(files);
    await page.locator('form[action="/plan/tables"] button').click();
  };
  await send(zip);
  assert.match(await main(), /Changes entered: 0/);
  const table = join(folder, 'actions.csv');
  writeFileSync(table, 'reference,what,due\naction-1,Fit telephones everywhere,2031-11-01\n');
  await send(table);
  assert.match(await main(), /Changes entered: 1/);
  assert.match(await main(), /Fit telephones everywhere/);
  writeFileSync(table, 'reference,what,hue\naction-1,Never to be kept,red\n');
  await send(table);
  assert.match(await page.locator('[role=alert]').innerText(), /actions\.csv:1:3: found the column `hue`/);
  assert.ok(!(await main()).includes('Never to be kept'), 'refused whole');
  await picture('tables-refused');
});

test('what is overdue and what nothing is planned about are lists of their own', async () => {
  await at('/plan?show=unfed');
  assert.ok(!(await main()).includes('Fit telephones everywhere'));
  await at('/plan?show=overdue');
  assert.equal(await page.locator('[aria-current=page]', { hasText: 'overdue' }).count(), 1);
});

test('the plan is public, and only its keeper may change it', async () => {
  const visitor = await (await browser.newContext()).newPage();
  await visitor.goto(`${state.address}/plan`);
  const seen = await visitor.locator('main').innerText();
  assert.match(seen, /Fit telephones everywhere/);
  assert.equal(await visitor.locator('main form').count(), 0);
  assert.notEqual((await visitor.goto(`${state.address}/review`)).url(), `${state.address}/review`, 'the workbench is not public');
  await visitor.context().close();
});

for (const language of ['en', 'az', 'ru']) {
  test(`nothing serious stands between the coordinator and the pages in ${language}`, async () => {
    await at(`/language?to=${language}&next=/verify`);
    const found = [];
    for (const path of ['/review', bench, `${bench}?show=open`, '/plan', '/plan?show=overdue', '/plan/calendar?month=2031-11']) {
      await at(path);
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
      const grave = violations.filter((one) => ['serious', 'critical'].includes(one.impact));
      found.push(...grave.map((one) => `${path} ${one.id}: ${one.nodes[0].html.slice(0, 200)}`));
      await picture(`${language}-${path.replaceAll(/[^a-z0-9]+/gi, '-')}`);
    }
    await at('/language?to=en&next=/verify');
    assert.deepEqual(found, []);
  });
}
