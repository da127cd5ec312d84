// Lawyer, doctor and investigator at the demo State's desk: each from their own link to the end of their work, with what others must not see.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { AxeBuilder } from '@axe-core/playwright';

const habeas = process.env.HABEAS_BIN ?? 'target/debug/habeas';
const folder = mkdtempSync(join(tmpdir(), 'habeas-people-'));
const looked = process.env.HABEAS_SCREENSHOTS;
const wide = { viewport: { width: 1280, height: 900 } };
const kept = new Map();
let browser, demo, links, address;

before(async () => {
  demo = spawn(habeas, ['demo', '--people', '9', '--data', join(folder, 'arvenia'), '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', complained = '';
  demo.stderr.on('data', (text) => { complained += text; });
  await new Promise((resolve, reject) => {
    demo.stdout.on('data', (text) => { said += text; if (/treaty coordinator.*\n/.test(said)) resolve(); });
    demo.on('exit', (status) => reject(new Error(`the demo ended with ${status}: ${complained}`)));
  });
  links = Object.fromEntries([...said.matchAll(/^ {2}(.+?) +(http:\S+)/gm)].map((found) => [found[1], found[2]]));
  address = said.match(/http:\/\/[\d.:]+/)[0];
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  if (looked) mkdirSync(looked, { recursive: true });
});
after(async () => {
  await browser?.close();
  await new Promise((resolve) => { demo.removeAllListeners('exit'); demo.on('exit', resolve); demo.kill('SIGKILL'); });
  rmSync(folder, { recursive: true, force: true });
});

/** A page of somebody who has followed their link and stands on their own first page. */
async function signedIn(role, settings = {}) {
  const context = await browser.newContext({ ...wide, ...settings, storageState: kept.get(role) });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  if (kept.has(role)) {
    await page.goto(`${address}/`);
  } else {
    await page.goto(links[role]);
    await page.locator('main button').click();
    kept.set(role, await context.storageState());
  }
  return page;
}

const at = (page, path) => page.goto(`${address}${path}`);
const words = (page) => page.locator('main').innerText();
const status = async (page, path) => (await at(page, path)).status();
const look = async (page, name) => { if (looked) await page.screenshot({ path: join(looked, `${name}.png`), fullPage: true }); };
const now = (page, name = 'at') => page.locator(`button[name="quick"][value="${name}:0"]`).click();
const save = (page) => page.locator('#entry-form .row button[value="save"]').click();

/** Answers a form: a box by its name, a choice by its value, several by a list. */
async function answer(page, answers) {
  for (const [name, value] of Object.entries(answers)) {
    for (const one of [value].flat()) {
      const choice = page.locator(`input[name="${name}"][value=${JSON.stringify(String(one))}]`);
      if (await choice.count()) await choice.check();
      else if (await page.locator(`select[name="${name}"]`).count()) await page.locator(`select[name="${name}"]`).selectOption(one);
      else await page.locator(`[name="${name}"]`).fill(String(one));
    }
  }
}

test('the lawyer finds their clients, what was sent to them and when they met, and lodges a complaint', async () => {
  const page = await signedIn('lawyer desk');
  assert.match(page.url(), /\/clients$/, 'their own clients are the first page');
  await look(page, 'lawyer-clients');
  assert.ok((await words(page)).includes('AV-1043'));
  await page.getByRole('link', { name: 'Belov, Anton' }).click();
  await look(page, 'lawyer-client');
  const client = await words(page);
  assert.ok(client.includes('Two marks, see the body map'), 'the result that the doctor sent');
  assert.ok(/In person/i.test(client) && client.includes('Heard by nobody'), 'the private meeting');
  await page.getByRole('link', { name: 'Complaint received' }).click();
  await now(page);
  await answer(page, { 'f.type': 'ill_treatment', 'f.account': 'He says that his wrist was twisted behind the car', 'f.confidential': 'no', 'f.child': 'no' });
  await save(page);
  assert.match(page.url(), /\/clients\/AV-1043$/, await words(page));
  assert.ok((await words(page)).includes('his wrist was twisted'));
  await look(page, 'lawyer-complaint');
});

test('whoever is not the lawyer’s client is not there, and the officer complained of reads nothing of it', async () => {
  const lawyer = await signedIn('lawyer desk');
  assert.equal(await status(lawyer, '/clients/AV-1041'), 404);
  assert.equal(await status(lawyer, '/record/custody/AV-1041'), 404);
  assert.equal(await status(lawyer, '/clients/AV-9999'), 404);
  for (const role of ['custody officer', 'arresting officer', 'head of place']) {
    const officer = await signedIn(role);
    assert.ok([403, 404].includes(await status(officer, '/clients')), role);
    assert.ok([403, 404].includes(await status(officer, '/clients/AV-1043')), role);
    await at(officer, '/record/custody/AV-1043');
    assert.ok(!(await words(officer)).includes('wrist was twisted'), `${role} must not read the complaint`);
  }
});
