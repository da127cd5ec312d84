// Lawyer, doctor and investigator at the demo State's desk: each from their own link to the end of their work, with what others must not see.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Demo, answer, now } from './demo.mjs';

const looked = process.env.HABEAS_SCREENSHOTS;
let demo;
before(async () => {
  demo = await Demo.open('people', 9, 90_000);
  if (looked) mkdirSync(looked, { recursive: true });
});
after(() => demo?.close());
const signedIn = (role, settings) => demo.signedIn(role, settings);
const at = (page, path) => demo.at(page, path);
const words = (page) => page.locator('main').innerText();
const status = async (page, path) => (await at(page, path)).status();
const look = async (page, name) => { if (looked) await page.screenshot({ path: join(looked, `${name}.png`), fullPage: true }); };
const save = (page) => page.locator('#entry-form .row button[value="save"]').click();

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
  await page.getByRole('link', { name: 'Complaint received', exact: true }).click();
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

test('S2: the doctor takes the first of the queue, examines, points at a mark, grades it, and sends the result', async () => {
  const page = await signedIn('doctor');
  assert.match(page.url(), /\/clinic$/, 'the queue is the doctor’s first page');
  await look(page, 'doctor-queue');
  await at(page, '/clinic/AV-1049');
  await page.getByRole('link', { name: 'Examine' }).click();
  await now(page);
  await answer(page, {
    'f.qualification': 'doctor', 'f.consent': 'given', 'f.those_present': ['none'], 'f.restrained': 'no', 'f.account': 'A hand on the collar, then the wall',
    'f.findings': 'one swelling at the back of the head', 'f.fit_for': ['detention'], 'f.handling': 'Wake every hour', 'f.started.time': '0001', 'f.ended.time': '0001',
  });
  await look(page, 'doctor-exam-form');
  await save(page);
  assert.match(page.url(), /\/clinic\/AV-1049$/, await words(page));
  await page.getByRole('button', { name: 'Point to a place on the figure' }).click();
  await page.locator('.body-map input').click({ position: { x: 381, y: 37 } });
  await page.locator('.said', { hasText: 'back of the head, right' }).waitFor();
  await page.locator('.body-map input').focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.locator('.said', { hasText: 'nape' }).waitFor();
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await page.locator('.said', { hasText: 'back of the head, right' }).waitFor();
  await look(page, 'doctor-mark-form');
  assert.equal(await page.locator('[name="f.consistency"]:checked').count(), 0, 'no grade is chosen beforehand');
  await now(page);
  await answer(page, { 'f.mark.kind': 'swelling', 'f.mark.length': '30', 'f.age_of_injury': 'fresh', 'f.explained_as': 'pushed against the wall', 'f.consistency': 'highly_consistent', 'f.scale_in_photo': 'no' });
  await save(page);
  assert.match(page.url(), /\/clinic\/AV-1049$/, await words(page));
  const list = await words(page);
  assert.ok(list.includes('back of the head, right') && /highly consistent/i.test(list), list.slice(0, 900));
  assert.equal(await page.locator('svg circle.pin').count(), 1);
  await look(page, 'doctor-patient');
  await page.getByRole('link', { name: 'Result to the lawyer' }).click();
  await now(page);
  await save(page);
  assert.match(page.url(), /\/clinic\/AV-1049$/, await words(page));
  await page.getByRole('link', { name: /Report to print/ }).first().click();
  const report = await words(page);
  for (const said of ['Medico-legal report', 'Dr. Ilse Anders', 'Istanbul Protocol', 'A hand on the collar', 'one swelling', 'back of the head, right']) assert.ok(report.includes(said), said);
  await look(page, 'doctor-report');
  const lawyer = await signedIn('lawyer desk');
  await at(lawyer, '/clients/AV-1049');
  assert.ok((await words(lawyer)).includes('one swelling at the back of the head'), 'the lawyer reads what was sent');
});

test('without script a mark is placed all the same, by the figure and by the list', async () => {
  const page = await signedIn('doctor', { javaScriptEnabled: false });
  await at(page, '/clinic/AV-1049');
  await page.getByRole('button', { name: 'Point to a place on the figure' }).click();
  await page.locator('.body-map input').click({ position: { x: 61, y: 119 } });
  assert.equal(await page.locator('[name="f.mark.region"]').inputValue(), 'shoulder');
  assert.equal(await page.locator('[name="f.mark.side"]').inputValue(), 'right');
  await at(page, '/clinic/AV-1049');
  await answer(page, { 'f.mark.region': 'sole', 'f.mark.side': 'left', 'f.mark.kind': 'burn' });
  await page.getByRole('button', { name: 'Add a mark' }).click();
  assert.equal(await page.locator('[name="f.mark.region"]').inputValue(), 'sole');
  await now(page);
  await answer(page, { 'f.age_of_injury': 'old', 'f.explained_as': 'long ago', 'f.consistency': 'not_assessed', 'f.scale_in_photo': 'no' });
  await save(page);
  assert.match(page.url(), /\/clinic\/AV-1049$/, await words(page));
  assert.ok((await words(page)).includes('sole of the foot, left'), await words(page));
});

test('nobody but those who treat the person comes into the clinic', async () => {
  for (const role of ['custody officer', 'head of place', 'arresting officer', 'investigator', 'procurator desk', 'lawyer desk', 'monitor', 'prison officer']) {
    const page = await signedIn(role);
    for (const path of ['/clinic', '/clinic/AV-1049', '/clinic/AV-1043', '/clinic/AV-1049/report/anything']) {
      assert.ok([403, 404].includes(await status(page, path)), `${role} ${path}`);
      assert.ok(!(await words(page)).includes('swelling'), `${role} ${path}`);
    }
    if (role === 'lawyer desk') continue;
    await at(page, '/record/custody/AV-1049');
    const seen = await words(page);
    assert.ok(!seen.includes('one swelling') && !seen.includes('highly'), `${role} reads no finding`);
  }
  const officer = await signedIn('custody officer');
  assert.equal(await status(officer, '/record/custody/AV-1049/enter/medical_examined'), 403, 'the form is not the officer’s either');
});

test('S5: the investigator sees the clock, enters who comes and goes, and the break, each with one press', async () => {
  const page = await signedIn('investigator');
  assert.match(page.url(), /\/interviews$/);
  await look(page, 'interviews');
  await page.getByRole('link', { name: 'Dorne, Kesh' }).click();
  await look(page, 'interview-room');
  assert.match(await page.locator('.timer').innerText(), /^1:[45]\d$/);
  await page.locator('[name="who"]').fill('officer:joss');
  await page.locator('button[value="join"]').click();
  assert.ok((await words(page)).includes('P. Joss'));
  await page.getByRole('button', { name: /Leaves.*P\. Joss/ }).click();
  await page.getByRole('button', { name: 'Break begins: Offered' }).click();
  assert.ok((await words(page)).includes('Pause since'));
  assert.ok(await page.getByRole('link', { name: /Take back/ }).count() > 0, 'a press can be taken back');
  await page.getByRole('link', { name: /Take back/ }).first().click();
  assert.match(page.url(), /\/withdraw\//);
  await at(page, '/interviews/AV-1047');
  await page.getByRole('button', { name: 'Questions go on' }).click();
  await page.getByRole('button', { name: 'Interview ends' }).click();
  assert.match(page.url(), /enter\/interview_ended/);
  await answer(page, { 'f.read_back': 'yes', 'f.ack': 'signed', 'f.complaint_made': 'no', 'f.recording_sealed': 'yes' });
  await save(page);
  assert.match(page.url(), /\/interviews\/AV-1047$/, await words(page));
  assert.ok((await words(page)).includes('Earlier interviews'));
});

test('S4, S5: without script a child is never asked alone', async () => {
  const page = await signedIn('investigator', { javaScriptEnabled: false });
  await at(page, '/interviews/AV-1049');
  assert.ok((await words(page)).includes('not questioned alone'));
  await page.getByRole('link', { name: 'Begin an interview' }).click();
  await now(page);
  await answer(page, { 'f.purpose_built': 'yes', 'f.caution_given': 'yes', 'f.fit': 'yes', 'f.recording': 'video' });
  await save(page);
  assert.match(await words(page), /not questioned alone: name here/, 'with nobody it does not begin');
  await answer(page, { 'f.lawyer': 'lawyer:dacre' });
  await save(page);
  assert.match(page.url(), /\/interviews\/AV-1049$/, await words(page));
  assert.ok(!(await words(page)).includes('Questions must stop'), 'who was named is in the room from the first minute');
  await page.getByRole('button', { name: /Leaves.*Dacre Olin/ }).click();
  assert.ok((await words(page)).includes('Questions must stop'));
  await look(page, 'interview-child');
  await page.getByRole('button', { name: 'Break begins: Offered' }).click();
  await page.getByRole('button', { name: 'Questions go on' }).click();
  assert.ok((await words(page)).includes('Questions cannot go on'));
  await page.locator('input[name=who]').fill('lawyer:dacre');
  await page.locator('select[name=role]').selectOption('lawyer');
  await page.locator('button[name=do][value=join]').click();
  await page.getByRole('button', { name: 'Questions go on' }).click();
  assert.ok(!(await words(page)).includes('Questions must stop'));
});

const everyPage = [
  ['lawyer desk', ['/clients', '/clients/AV-1043', '/clients/AV-1050']],
  ['doctor', ['/clinic', '/clinic/AV-1049', '/clinic/AV-1043', '/record/custody/AV-1049/enter/injury_found']],
  ['investigator', ['/interviews', '/interviews/AV-1047', '/interviews/AV-1049', '/interviews/AV-1041']],
];
for (const language of ['en', 'az', 'ru']) {
  test(`nothing serious stands between anybody and these rooms in ${language}`, async () => {
    const found = await demo.graveIn(language, everyPage, async (page, path) => assert.equal(await status(page, path), 200, path));
    assert.deepEqual(found, []);
  });
}
