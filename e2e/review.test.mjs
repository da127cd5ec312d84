// The treaty coordinator's work in a real browser: a record comes as a file, a decision is made, a reply drafted, an action planned, progress noted.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Demo, grave } from './demo.mjs';

const records = 'crates/review/tests/records';
const pictures = process.env.PICTURES;
let demo, page;
before(async () => {
  demo = await Demo.open('review', 3, 15_000);
  page = await demo.signedIn(Object.keys(demo.links).find((role) => role.startsWith('treaty')), { bypassCSP: true, acceptDownloads: true });
});
after(() => demo?.close());

const at = (path) => demo.at(page, path);
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
  const letter = join(demo.folder, 'letter.txt');
  writeFileSync(letter, 'Dear Sir,\n\n1. Thank you.\n');
  await handIn(letter);
  assert.match(await page.locator('[role=alert]').innerText(), /not a text of a treaty body/);
  const cut = join(demo.folder, 'cut.pdf');
  writeFileSync(cut, readFileSync(join(records, 'children-1998.pdf')).subarray(0, 20_000));
  await handIn(cut);
  assert.match(await page.locator('[role=alert]').innerText(), /cut short: byte 20000/);
  assert.match(await main(), /No document yet/);
  await picture('refused');
});

let bench;
test('S22: a record comes as a PDF and is read beside what was found in it', async () => {
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
  const entered = page.waitForEvent('load');
  await page.locator(`article[id="${id}"] input[name=why]`).press('Enter');
  await entered;
  const decided = page.locator(`article[id="${id}"]`);
  assert.match(await decided.innerText(), /decided by .*the figure was given at the next meeting/s);
  assert.equal(await page.locator('article[data-open]').count(), before - 1);
  await page.locator('h1').click();
  await page.keyboard.press('n');
  const hash = new URL(page.url()).hash;
  const accepted = page.waitForEvent('load');
  await page.keyboard.press('a');
  await accepted;
  assert.notEqual(hash, '', 'accepted what stood there');
  await picture('decided');
});

test('the decision holds when the corrected record comes', async () => {
  const corrected = readFileSync(join(records, 'children-1998.txt'), 'utf8').replace('FICTIONAL.', 'FICTIONAL. Corrected.');
  const file = join(demo.folder, 'corrected.txt');
  writeFileSync(file, corrected);
  await handIn(file);
  assert.match(await main(), /the figure was given at the next meeting/);
});

test('S22: the reply is drafted as text, page and word-processor document', async () => {
  await at(bench);
  const text = (await fetched(page.locator('a[href$="reply.txt"]'))).toString();
  assert.match(text, /Draft reply to CRC\/C\/SR\.4411/);
  assert.match(text, /\[Reply\]/);
  assert.match((await fetched(page.locator('a[href$="reply.html"]'))).toString(), /<h1>Draft reply/);
  assert.equal((await fetched(page.locator('a[href$="reply.docx"]'))).subarray(0, 2).toString(), 'PK');
});

test('S21: recommendations become a plan: an action, progress, its end', async () => {
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
  const zip = join(demo.folder, 'plan.zip');
  writeFileSync(zip, archive);
  const send = async (files) => {
    await at('/plan');
    await page.locator('#file').setInputFiles(files);
    await page.locator('form[action="/plan/tables"] button').click();
  };
  await send(zip);
  assert.match(await main(), /Changes entered: 0/);
  const table = join(demo.folder, 'actions.csv');
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
  const visitor = await demo.visitor();
  await visitor.goto(`${demo.address}/plan`);
  const seen = await visitor.locator('main').innerText();
  assert.match(seen, /Fit telephones everywhere/);
  assert.equal(await visitor.locator('main form').count(), 0);
  assert.notEqual((await visitor.goto(`${demo.address}/review`)).url(), `${demo.address}/review`, 'the workbench is not public');
  await visitor.context().close();
});

for (const language of ['en', 'az', 'ru']) {
  test(`nothing serious stands between the coordinator and the pages in ${language}`, async () => {
    await at(`/language?to=${language}&next=/verify`);
    const found = [];
    for (const path of ['/review', bench, `${bench}?show=open`, '/plan', '/plan?show=overdue', '/plan/calendar?month=2031-11']) {
      await at(path);
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      found.push(...(await grave(page)).map((one) => `${path} ${one}`));
      await picture(`${language}-${path.replaceAll(/[^a-z0-9]+/gi, '-')}`);
    }
    await at('/language?to=en&next=/verify');
    assert.deepEqual(found, []);
  });
}
