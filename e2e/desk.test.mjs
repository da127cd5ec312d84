// The desk as the people of the demo State meet it: each signs in by their own link and does the first thing that their work asks for.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Demo, answer, habeas, now } from './demo.mjs';

let demo;
before(async () => { demo = await Demo.open('desk', 3); });
after(() => demo?.close());
const signedIn = (role, settings) => demo.signedIn(role, settings);
const at = (page, path) => demo.at(page, path);

const save = (page) => page.locator('#entry-form button.quiet[value="draft"]').locator('xpath=preceding-sibling::button[1]').click();
const receipt = async (page) => assert.match(page.url(), /\/receipt\//, `still there: ${(await page.locator('main').innerText()).slice(0, 600)}`);
const entry = (page, custody, kind) => at(page, `/record/custody/${custody}/enter/${kind}`);
const record = async (page, custody) => { await at(page, `/record/custody/${custody}`); return page.locator('main').innerText(); };

test('S1: the custody officer books a person in, and finds them on the board', async () => {
  const page = await signedIn('custody officer');
  await page.getByRole('link', { name: 'Book in a person' }).click();
  const custody = page.url().match(/custody\/([^/]+)/)[1];
  await now(page);
  await answer(page, { 'brought by': 'officer:tovin', origin: 'street', 'injuries apparent': 'no', 'says ill treated': 'no' });
  await save(page);
  assert.match(page.url(), /\/flow\//, 'the next step of booking in is offered');
  await at(page, '/board');
  assert.ok((await page.locator('main').innerText()).includes(custody));
});

test('the custody officer looks in on somebody and is given the receipt', async () => {
  const page = await signedIn('custody officer');
  await page.locator('table.board tbody th a').first().click();
  await page.getByRole('link', { name: 'Enter something' }).click();
  await page.getByRole('link', { name: 'Welfare checked' }).click();
  await now(page);
  await answer(page, { method: 'hatch', response: 'awake', seen: 'reads on the bed', 'done by': 'officer:maren' });
  await save(page);
  await receipt(page);
});

test('the doctor examines a patient; the officer sees that it was done and not what was found', async () => {
  const doctor = await signedIn('doctor');
  await entry(doctor, 'AV-1041', 'medical_examined');
  await now(doctor);
  await answer(doctor, {
    type: 'first', 'done by': 'doctor:ilse', qualification: 'doctor', consent: 'given', 'those present': ['none'], restrained: 'no',
    findings: 'old scar on the left knee', 'fit for': ['detention'],
  });
  await answer(doctor, { 'started.time': '0001', 'ended.time': '0001' });
  await save(doctor);
  await receipt(doctor);
  assert.ok((await record(doctor, 'AV-1041')).includes('old scar on the left knee'));
  const officer = await signedIn('custody officer');
  const seen = await record(officer, 'AV-1041');
  assert.ok(!seen.includes('old scar'), 'the finding is the doctor’s and the patient’s');
});

test('the procurator opens the first overdue duty and is told why', async () => {
  const page = await signedIn('procurator desk');
  await at(page, '/board?show=overdue');
  await page.locator('table.board td.what a, table.board .what a').first().click();
  assert.match(page.url(), /\/why\//);
  assert.ok((await page.locator('main').innerText()).length > 200);
});

test('the ombudsman sees every place, and who has read a record', async () => {
  const page = await signedIn('monitor');
  await at(page, '/board');
  const board = await page.locator('main').innerText();
  for (const place of ['Sahil district station', 'Harrow prison', 'Tern remand centre']) assert.ok(board.includes(place), place);
  await record(page, 'AV-1041');
  await at(page, '/record/custody/AV-1041/readers');
  assert.ok((await page.locator('main').innerText()).includes('Dr. Ilse Anders'));
});

test('the registrar of the remand centre records an assessment of risk', async () => {
  const page = await signedIn('prison registrar');
  await at(page, '/board');
  const href = await page.locator('table.board tbody th a').first().getAttribute('href');
  await at(page, `${href}/enter/care_given`);
  await now(page);
  await answer(page, { item: 'fresh_air', accepted: 'yes', 'offered at.time': '0001' });
  await save(page);
  await receipt(page);
});

test('without script a check is entered all the same', async () => {
  const page = await signedIn('custody officer', { javaScriptEnabled: false });
  await entry(page, 'AV-1042', 'welfare_checked');
  await now(page);
  assert.match(await page.locator('[name="at.time"]').inputValue(), /^\d\d:?\d\d$/, 'the button has written the time');
  await answer(page, { method: 'entered', response: 'roused', seen: 'answers, knows where he is', 'done by': 'officer:maren' });
  await save(page);
  await receipt(page);
});

test('a server that is killed in the middle of a form loses nothing that was typed', async () => {
  const page = await signedIn('custody officer');
  await entry(page, 'AV-1043', 'welfare_checked');
  await now(page);
  await answer(page, { method: 'hatch', response: 'awake', seen: 'asks for a glass of water', 'done by': 'officer:maren' });
  await page.locator('#entry-form button[value="draft"]').click();
  await page.locator('[name="f.seen"]').fill('asks for a glass of water, given');
  await demo.ends('SIGKILL');
  await save(page).catch(() => {});
  await demo.start(demo.address.replace('http://', ''));
  await at(page, '/account');
  await page.locator('main a[href*="draft="]').first().click();
  assert.match(await page.locator('[name="f.seen"]').inputValue(), /glass of water/);
  await save(page);
  await receipt(page);
});

const everyPage = [
  ['custody officer', ['/board', '/record/custody/AV-1041', '/record/custody/AV-1041/enter', '/record/custody/AV-1041/enter/person_arrived',
    '/record/custody/AV-1041/flow/booking-in', '/record/custody/AV-1041/why/relative-told', '/account']],
  ['monitor', ['/board', '/record/custody/AV-1041/readers']],
  ['doctor', ['/record/custody/AV-1041/enter/medical_examined']],
  [null, ['/sign-in', '/law', '/verify', '/parts', '/nowhere']],
];
for (const language of ['en', 'az', 'ru']) {
  test(`nothing serious stands between anybody and the pages in ${language}`, async () => {
    assert.deepEqual(await demo.graveIn(language, everyPage), []);
  });
}

/** Sends a form as a program would, with the cookie of somebody's session. */
async function send(page, path, fields, headers = {}) {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
  const cookie = (await page.context().cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
  return fetch(`${demo.address}${path}`, {
    method: 'POST', body, redirect: 'manual', headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
}

test('what is not meant for the record is refused, nothing is written and nothing is told', async () => {
  const page = await signedIn('custody officer');
  await entry(page, 'AV-1041', 'welfare_checked');
  const token = await page.locator('#entry-form [name="form_token"]').inputValue();
  const path = '/record/custody/AV-1041/enter/welfare_checked';
  const form = (more) => ({ form_token: token, draft: `e-${Math.random()}`, action: 'save', 'at.time': '0001', 'f.method': 'hatch', 'f.response': 'awake',
    'f.seen': 'never to be kept', 'f.done_by': 'officer:maren', ...more });
  const status = async (...asked) => (await send(page, ...asked)).status;
  assert.equal(await status(path, form({ form_token: 'forged' })), 403, 'a form that this session did not make');
  assert.equal(await status(path, form({}), { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }), 403, 'another site');
  assert.equal(await status(path, 'x'.repeat(10_000_000)).catch(() => 413), 413, '10 MB');
  assert.equal(await status(path, form({ 'f.method': 'by telepathy' })), 422, 'a word that is none of the choices');
  assert.equal(await status(path, form({ 'at.time': '2561' })), 422, 'a time that no day has');
  assert.equal(await status(path, form({ 'f.seen': 'never to be kept \u202egnihton\u202c right' })), 422, 'letters that turn the line around');
  assert.equal(await status(path, form({ 'f.seen': 'never to be kept \u0000 byte' })), 422, 'a control character');
  assert.ok([403, 404, 422].includes(await status('/record/custody/AV-1041/enter/medical_examined', form({}))), 'an examination is not an officer’s to record');
  assert.ok([403, 404].includes(await status('/record/custody/AV-1049/enter/welfare_checked', form({}))), 'somebody at another place');
  assert.ok(!(await record(page, 'AV-1041')).includes('never to be kept'), 'nothing was written');
  const seen = async (custody) => {
    const answered = await at(page, `/record/custody/${custody}`);
    return [answered.status(), await page.locator('main').innerText()];
  };
  assert.deepEqual(await seen('AV-1049'), await seen('AV-9999'), 'who is held elsewhere and who is not held are the same answer');
  assert.equal((await seen('AV-9999'))[0], 404);
});

test('markup in a text is read as text', async () => {
  const page = await signedIn('custody officer');
  await entry(page, 'AV-1041', 'welfare_checked');
  await now(page);
  await answer(page, { method: 'hatch', response: 'awake', seen: '<img src=x onerror="document.title=1"><b>bold</b>', 'done by': 'officer:maren' });
  await save(page);
  await receipt(page);
  assert.ok((await record(page, 'AV-1041')).includes('<b>bold</b>'), 'as it was typed');
  assert.notEqual(await page.title(), '1');
});

test('a session that is not there sees the page to sign in on, whatever it asks for', async () => {
  for (const path of ['/board', '/record/custody/AV-1041', '/record/custody/AV-1041/enter/welfare_checked', '/account']) {
    const answer = await fetch(`${demo.address}${path}`, { redirect: 'manual' });
    assert.match(answer.headers.get('location') ?? '', /^\/sign-in/, path);
  }
  assert.equal((await fetch(`${demo.address}/api/subjects/custody/AV-1041`)).status, 401);
});

test('an address that is taken is told before anything is made', async () => {
  const child = spawn(habeas, ['demo', '--listen', demo.address.replace('http://', '')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  const status = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(status, 3);
  assert.match(said, /is taken|another program answers there/);
});

test('asked to stop, the desk stops whole', async () => {
  assert.equal(await demo.ends('SIGTERM'), 0);
});
