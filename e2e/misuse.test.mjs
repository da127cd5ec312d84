// What somebody would do who wants the record to say less than happened: each story ends in the refusal, the breach or the alarm.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Demo, answer, now } from './demo.mjs';

let demo;
before(async () => { demo = await Demo.open('misuse', 16, 120_000); });
after(() => demo?.close());
const signedIn = (role, settings) => demo.signedIn(role, settings);
const at = (page, path) => demo.at(page, path);
const text = (page) => page.locator('main').innerText();
const save = (page) => page.locator('#entry-form .row button[value="save"]').last().click();
const entered = async (page) => assert.match(page.url(), /\/(receipt|flow)\//, `still there: ${(await text(page)).slice(0, 900)}`);
/** Enters something on a record: the address of the form, and its answers. */
const enters = async (page, path, answers) => {
  await demo.fills(page, path, answers);
  await save(page);
};

// Everybody who holds the man who complained, the accused and others.
const holders = ['arresting officer', 'custody officer', 'head of place', 'investigator', 'doctor', 'nurse'];

test('those who hold the complainant guess case numbers: one answer, at one beat, and the try is in the log', async () => {
  for (const role of holders) {
    const page = await signedIn(role);
    const seen = async (path) => {
      const begun = Date.now();
      const answered = await at(page, path);
      assert.ok(Date.now() - begun >= 190, 'the answer waits for its beat');
      return [answered.status(), (await text(page)).replaceAll(/AV-\d+-K/g, '')];
    };
    const nowhere = await seen('/record/case/AV-9999-K');
    assert.equal(nowhere[0], 404);
    for (const rest of ['', '/paper', '/enter', '/enter/complaint_forwarded', '/readers', '/flow/investigation']) {
      assert.deepEqual(await seen(`/record/case/AV-1043-K${rest}`), nowhere, `${role} ${rest}`);
      assert.deepEqual(await seen(`/record/case/AV-9999-K${rest}`), nowhere, `${role} ${rest}`);
    }
    const api = async (number) => (await page.context().request.get(`${demo.address}/api/subjects/case/${number}`)).text();
    assert.equal(await api('AV-1043-K'), await api('AV-9999-K'), role);
    assert.equal((await at(page, '/work/complaints')).status(), 404, 'no list of complaints is theirs');
  }
});

test('nothing in the record of the complainant, or beside it, tells those who hold him that he complained', async () => {
  for (const role of holders) {
    const page = await signedIn(role);
    for (const path of ['/record/custody/AV-1043', '/record/custody/AV-1043?order=recorded', '/record/place/Sahil%20district%20station', '/last-day', '/board']) {
      await at(page, path);
      const said = await text(page);
      for (const word of [/complaint (received|forwarded)/i, /case (opened|step)/i, /AV-1043-K/, /kicked after he lay/]) assert.doesNotMatch(said, word, `${role} ${path}`);
    }
    const told = await (await page.context().request.get(`${demo.address}/api/subjects/custody/AV-1043`)).text();
    assert.doesNotMatch(told, /complaint_|complaint (received|forwarded)|case_opened|case opened|AV-1043-K/, role);
  }
});

test('torture typed down to rude treatment: the first grade stays in sight, and the procurator has a clock on it', async () => {
  const officer = await signedIn('custody officer');
  assert.equal((await at(officer, '/record/case/AV-1043-K/enter/complaint_regraded')).status(), 404, 'no officer grades');
  const procurator = await signedIn('procurator desk');
  await enters(procurator, '/record/case/AV-1043-K/enter/complaint_forwarded', { to: 'internal_affairs', how: 'portal', origin: 'procurator:rune' });
  await entered(procurator);
  const affairs = await signedIn('internal affairs desk');
  await enters(affairs, '/record/case/AV-1043-K/enter/complaint_graded', { grade: 'torture', 'f.done_by': 'affairs:crane', reason: 'kicked on the ground, two marks that fit' });
  await entered(affairs);
  await at(affairs, '/record/case/AV-1043-K');
  const graded = affairs.locator('article, li, tr, .entry').filter({ hasText: 'Complaint graded' }).last();
  await graded.locator('a[href*="/correct/"]').first().click();
  await now(affairs);
  await answer(affairs, { 'f.grade': 'rude_treatment', 'c.f.grade_before': 'torture', 'c.f.reason': 'the officer says that he only raised his voice', 'c.f.seen_by': 'affairs:crane' });
  await affairs.locator('main form button[value="save"]').last().click();
  await at(procurator, '/record/case/AV-1043-K');
  const seen = await text(procurator);
  assert.match(seen, /Complaint regraded/i);
  assert.match(seen, /rude/i);
  assert.match(seen, /torture/i, 'the first grade stands beside the new one');
  assert.match(seen, /he only raised his voice/);
  assert.match(seen, /I\. Crane|affairs:crane/, 'and who lowered it');
  assert.match(seen, /lowered grade/i, 'a duty to send it on runs');
});

test('a medical examination entered as if it had been in time: it asks why, and both times stand in sight, marked late', async () => {
  const officer = await signedIn('custody officer');
  const page = await signedIn('doctor');
  await at(page, '/record/custody/AV-1042/enter/medical_examined');
  const early = new Date(Date.now() - 3 * 3_600_000);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Baku', hour: '2-digit', minute: '2-digit' }).format(early).replace(':', '');
  await answer(page, {
    'f.type': 'first', 'f.done_by': 'doctor:ilse', 'f.qualification': 'doctor', 'f.consent': 'given', 'f.those_present': ['none'], 'f.restrained': 'no', 'f.findings': 'nothing to note',
    'f.fit_for': ['detention'], 'f.started.time': clock, 'f.ended.time': clock, 'at.time': clock,
  });
  await save(page);
  assert.match(await text(page), /Why is it entered so late\?/, 'no examination is written down hours later without a reason');
  assert.doesNotMatch(page.url(), /\/receipt\//);
  await page.locator('[name="late_reason"]').fill('the register was not at hand');
  await save(page);
  await entered(page);
  await at(officer, '/record/custody/AV-1042?show=late');
  const late = await text(officer);
  assert.match(late, /Medical examined/, 'it is among the late entries');
  assert.match(late, /late/i);
  assert.match(late, /the register was not at hand/, 'with the reason');
  await at(officer, '/record/custody/AV-1042/why/medical-on-arrival');
  assert.match(await text(officer), /made late: what it says of the time was written down only afterwards/, 'whoever looks at the duty is told what it rests on');
});

test('a removal while an interim measure stands is stopped; if it has happened all the same, the breach is there at once', async () => {
  const page = await signedIn('procurator desk');
  const removal = { 'f.to': 'XB', 'f.escort': ['officer:maren'], 'f.fit_to_travel': 'none', 'f.following_appeal': 'no', 'f.interim_measure_in_force': 'no' };
  await enters(page, '/record/proceeding/R-12/enter/surrender_executed', removal);
  const stopped = await text(page);
  assert.match(stopped, /Nothing was entered/);
  assert.match(stopped, /interim measure/i, 'the law is read out');
  await at(page, '/record/proceeding/R-12');
  assert.doesNotMatch(await text(page), /Surrender executed/, 'nothing is in the record');
  assert.match(await text(page), /Removal stopped[\s\S]*procurator:rune/, 'but that it was tried, and by whom');
  const sent = await page.context().request.post(`${demo.address}/api/events`, { data: {
    id: 'removal-by-program', kind: 'surrender_executed', at: new Date().toISOString(), subject: { proceeding: 'R-12', person: 'P-R12', place: 'Baku airport' },
    fields: Object.fromEntries(Object.entries(removal).map(([name, value]) => [name.slice(2), value])),
  } });
  assert.equal(sent.status(), 409, 'a program is stopped as a form is');
  const problem = await sent.json();
  assert.deepEqual(problem.stops.map((stop) => stop.rule), ['return-waits-for-interim-measures']);
  await at(page, '/record/proceeding/R-12/why/nobody-tries-a-forbidden-removal');
  assert.match(await text(page), /procurator general/, 'the alarm goes to those who can still prevent it');
  await enters(page, '/record/proceeding/R-12/enter/surrender_executed', removal);
  await page.locator('[name="stop.all_the_same"]').check();
  await save(page);
  await entered(page);
  await at(page, '/record/proceeding/R-12');
  assert.match(await text(page), /Surrender executed/);
  assert.match(await text(page), /breach|not honoured/i);
});

test('a child put with adults for one night is a breach at once', async () => {
  const officer = await signedIn('custody officer');
  await enters(officer, '/record/custody/AV-1041/enter/cell_entered', { 's.cell': 'Sahil district station/A9', 'f.reason': 'capacity', 'f.mixes_child_adult': 'no', 'f.mixes_sexes': 'no' });
  await entered(officer);
  await at(officer, '/record/custody/AV-1041');
  assert.match(await text(officer), /child.*adults|apart from adults/i);
});
