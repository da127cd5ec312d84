// The statistics: a table chosen and read, a number opened down to its entries, a table released by two persons, found by everybody, and
// counted again by a stranger who holds the log.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Demo, grave, habeas } from './demo.mjs';

let demo;
before(async () => { demo = await Demo.open('returns', 12, 30_000); });
after(() => demo?.close());
const signedIn = (role, settings) => demo.signedIn(role, settings);
const at = (page, path) => demo.at(page, path);
const year = new Date().getUTCFullYear();
const period = `${year - 1}/${year + 1}`;
const table = (page) => page.locator('main table').first();

/** Chooses as a reader does: from the lists of the page. */
async function choose(page, answers) {
  const form = page.locator('form.filters');
  for (const [name, value] of Object.entries(answers)) {
    const list = form.locator(`select[name="${name}"]`);
    if (await list.count()) await list.selectOption(value);
    else if (value === true) await form.locator(`input[name="${name}"]`).check();
    else await form.locator(`input[name="${name}"]`).fill(value);
  }
  await form.locator('button').click();
}

const whole = (text) => Number(text.replace(/[^\d]/g, ''));

test('a table is chosen with a period, then a place and dimensions; its chart and its rows say the same', async () => {
  const page = await signedIn('statistician');
  await at(page, '/statistics');
  await choose(page, { table: 'R01', period });
  const total = whole(await table(page).locator('tbody tr').first().locator('td').first().innerText());
  assert.ok(total >= 12, `${total} custodies`);
  await choose(page, { by: 'place' });
  const rows = await table(page).locator('tbody tr').count();
  assert.ok(rows > 2, 'a row for each place');
  const place = await page.locator('select[name="place"] option').nth(1).getAttribute('value');
  await choose(page, { place, by: 'sex' });
  assert.match(await table(page).locator('tbody').innerText(), /female/);
  await choose(page, { place: '', by: 'age', and: 'sex' });
  const chart = page.locator('main svg[role=img]').first();
  assert.ok(await chart.isVisible());
  assert.ok((await chart.locator('desc').textContent()).length > 20, 'a chart is told in words');
  assert.match(page.url(), /table=R01/);
  await choose(page, { period: 'soon' });
  assert.match(await page.locator('main [role=alert]').innerText(), /This is no period/);
  assert.equal(await page.locator('form.filters input[name="period"]').inputValue(), 'soon', 'and stands there to be mended');
});

test('a number opens down to its entries, and that it was opened is an entry', async () => {
  const page = await signedIn('statistician');
  await at(page, `/statistics?table=R09&period=${period}`);
  assert.equal(await table(page).locator('tbody td a').count(), 0, 'what everybody sees opens nothing');
  await choose(page, { full: true });
  const number = table(page).locator('tbody td a').first();
  const said = whole(await number.innerText());
  assert.ok(said > 0, 'force was used');
  await number.click();
  assert.equal(await page.locator('main tbody tr').count(), said, 'as many entries as the number says');
  const text = await page.locator('main').innerText();
  assert.match(text, /force used/i);
  const officer = await signedIn('custody officer');
  await at(officer, '/statistics?table=R09');
  assert.equal(await officer.locator('input[name="full"]').count(), 0, 'an officer sees a table as everybody does');
  const answer = await officer.request.get(page.url());
  assert.ok([403, 404].includes(answer.status()), `${answer.status()}`);
});

let release;
test('one proposes a table, nobody approves their own, a second person releases it', async () => {
  const first = await signedIn('statistician');
  await at(first, `/statistics?table=R09&period=${period}`);
  await first.locator('form[action="/statistics/propose"] button').click();
  assert.equal(await first.locator('form[action="/statistics/approve"]').count(), 0, 'the first person cannot approve');
  assert.match(await first.locator('section:has(#proposals)').innerText(), /R09/);
  const second = await signedIn('statistician (second)');
  await at(second, '/statistics');
  await second.locator('section:has(#proposals) a').first().click();
  assert.match(await second.locator('h2#table').innerText(), /R09/);
  await second.locator('form[action="/statistics/approve"] button').first().click();
  await second.waitForURL(/\/open-data\//);
  release = new URL(second.url()).pathname;
});

test('everybody finds the release, what it counts, its origin and a feed', async () => {
  const page = await demo.visitor();
  await at(page, '/open-data');
  await page.locator(`a[href="${release}"]`).click();
  const text = await page.locator('main').innerText();
  assert.match(text, /Handcuffs in a routine escort stand apart/, 'what a reader should mind');
  assert.match(text, /CAT\/C\/SR\.2087/, 'who asks for it');
  assert.match(text, /SHA-256/);
  const feed = await (await page.request.get(`${demo.address}/open-data/feed.atom`)).text();
  assert.ok(feed.includes(`href="${release}"`) && feed.includes('R09'));
});

test('a stranger who holds the log up to that checkpoint counts the same bytes', async () => {
  const page = await demo.visitor();
  const get = async (name) => (await page.request.get(`${demo.address}${release}/${name}`)).text();
  const [csv, proof] = [await get('R09.csv'), JSON.parse(await get('R09.proof.json'))];
  const [log, out] = [join(demo.folder, 'log.jsonl'), join(demo.folder, 'mine')];
  const data = join(demo.folder, 'arvenia');
  execFileSync(habeas, ['export', '--log', '--data', data, '--known-at', proof.as_of, '--out', log]);
  const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length > 100, true);
  assert.ok(!lines.some((line) => 'names' in line.fields), 'nobody is named');
  const asked = ['R09', '--period', proof.period, '--as-of', proof.as_of, '--log', log, '--codebook', 'aze', '--out', out];
  execFileSync(habeas, ['return', ...asked]);
  assert.equal(readFileSync(join(out, 'R09.csv'), 'utf8'), csv);
  const mine = JSON.parse(readFileSync(join(out, 'R09.proof.json'), 'utf8'));
  assert.equal(mine.codebook_sha256.length, 64);
  assert.equal(mine.files_sha256['R09.csv'], proof.files_sha256['R09.csv']);
  assert.ok(proof.checkpoint.includes('\n'), 'the checkpoint stands in the proof');
});

test('the year is one document in three languages, to print and as a PDF', async () => {
  const first = await signedIn('statistician');
  await at(first, `/statistics?table=R09&period=${year}`);
  await first.locator('form[action="/statistics/propose"] button').click();
  const second = await signedIn('statistician (second)');
  await at(second, '/statistics');
  await second.locator('form[action="/statistics/approve"] button').first().click();
  await second.waitForURL(/\/open-data\//);
  const page = await demo.visitor();
  const titles = new Set();
  for (const language of ['en', 'az', 'ru']) {
    await at(page, `/language?to=${language}&next=/open-data/report/${year}`);
    titles.add(await page.locator('h1').innerText());
    assert.ok(await page.locator('main svg').count() > 0, 'with charts');
    const pdf = await page.request.get(`${demo.address}/open-data/report/${year}/${language}.pdf`);
    assert.equal(pdf.status(), 200);
    assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-');
  }
  assert.equal(titles.size, 3);
});

for (const language of ['en', 'az', 'ru']) {
  test(`nothing grave stands between anybody and the numbers (${language})`, async () => {
    const pages = [
      ['statistician', ['/statistics', `/statistics?table=R01&period=${period}&by=age&and=sex`, `/statistics?table=R09&period=${period}&full=yes`]],
      [null, ['/open-data', release, `/open-data/report/${year}`]],
    ];
    assert.deepEqual(await demo.graveIn(language, pages), []);
  });
}

test('the numbers are read on a telephone without the page moving sideways', async () => {
  const page = await signedIn('statistician', { viewport: { width: 360, height: 740 }, bypassCSP: true });
  await at(page, `/statistics?table=R01&period=${period}&by=place`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
  assert.deepEqual(await grave(page), []);
});
