// The real task of those whose systems are told elsewhere only in part, each from the first page to the clock or the figure that it ends in.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Demo, answer, now } from './demo.mjs';

let demo;
before(async () => { demo = await Demo.open('tasks', 16, 120_000); });
after(() => demo?.close());
const signedIn = (role, settings) => demo.signedIn(role, settings);
const at = (page, path) => demo.at(page, path);
const text = (page) => page.locator('main').innerText();
const save = (page) => page.locator('#entry-form .row button[value="save"]').last().click();
const entered = async (page) => assert.match(page.url(), /\/(receipt|flow|clinic)\//, `still there: ${(await text(page)).slice(0, 900)}`);
const enters = async (page, path, answers) => {
  assert.equal((await at(page, path)).status(), 200, path);
  await now(page);
  await answer(page, answers);
  await save(page);
  await entered(page);
};

test('every work list of the State shows somebody something', async () => {
  const most = {};
  const roles = Object.keys(demo.links).filter((role) => demo.links[role].includes('/sign-in/') && !role.endsWith('(second)'));
  for (const role of roles) {
    const page = await signedIn(role);
    if ((await at(page, '/work')).status() !== 200) continue;
    const lines = await page.locator('main tbody tr').evaluateAll((rows) => rows.map((row) => [row.querySelector('a').pathname, Number(row.cells[3].innerText)]));
    for (const [path, all] of lines) most[path] = Math.max(most[path] ?? 0, all);
    await page.context().close();
  }
  assert.ok(Object.keys(most).length >= 30, `only ${Object.keys(most).length} lists are anybody's`);
  assert.deepEqual(Object.keys(most).filter((path) => most[path] === 0), [], 'nobody of the State sees a line in these');
});

test('S1: rights are explained, the duty is met on the board, and a sister far away learns where her brother is within minutes', async () => {
  const officer = await signedIn('custody officer');
  const record = '/record/custody/AV-1052';
  await at(officer, record);
  assert.match(await text(officer), /Rights explained/i, 'it is owed');
  await enters(officer, `${record}/enter/rights_explained`, { rights: ['information', 'silence', 'lawyer', 'doctor', 'third_party'], how: ['oral', 'leaflet'], lang: 'az', understood: 'yes', 'f.done_by': 'officer:maren', ack: 'signed' });
  await at(officer, `${record}?show=&order=recorded`);
  assert.match(await text(officer), /Rights explained/);
  await at(officer, `${record}/slip`);
  await officer.locator('button[value="make"]').click();
  const [reference, pin] = await officer.locator('dd.code').allInnerTexts();
  const sister = await demo.visitor();
  await at(sister, '/relative');
  await sister.locator('#reference').fill(reference);
  await sister.locator('#pin').fill(pin);
  await sister.locator('main form button').last().click();
  const told = await text(sister);
  assert.match(told, /Sahil district station/);
  assert.doesNotMatch(told, /AV-1052|officer:/, 'and nothing more');
});

test('S2: a new injury starts the clock for the doctor; the examination stops it, and the officer reads the instruction only', async () => {
  const officer = await signedIn('custody officer');
  const record = '/record/custody/AV-1047';
  await enters(officer, `${record}/enter/illness_or_injury_noted`, { 'f.seen_by': 'officer:maren', 'f.what_was_seen': 'the left wrist is thick' });
  await at(officer, record);
  assert.match(await text(officer), /new injury|illness or injury/i, 'a doctor is owed');
  const doctor = await signedIn('doctor');
  await enters(doctor, `${record}/enter/medical_examined`, {
    type: 'again', 'f.done_by': 'doctor:ilse', 'f.qualification': 'doctor', 'f.consent': 'given', 'f.those_present': ['none'], 'f.restrained': 'no', 'f.findings': 'swelling of the left wrist',
    'f.fit_for': ['detention'], 'f.handling': 'Cool the wrist', 'f.started.time': '0001', 'f.ended.time': '0001',
  });
  await at(officer, record);
  const seen = await text(officer);
  assert.match(seen, /Cool the wrist/);
  assert.doesNotMatch(seen, /swelling of the left wrist/);
});

test('S4: a child’s lawyer is not waived: the desk stops it, and what was done all the same is a breach', async () => {
  const officer = await signedIn('custody officer');
  const form = '/record/custody/AV-1049/enter/safeguard_waived';
  await at(officer, form);
  await now(officer);
  await answer(officer, { right: 'lawyer', 'f.in_words': 'I want to go home', 'f.reminded_free': 'yes', 'f.ack': 'signed' });
  await save(officer);
  assert.match(await text(officer), /Nothing was entered/);
  await officer.locator('[name="stop.all_the_same"]').check();
  await save(officer);
  await entered(officer);
  await at(officer, '/record/custody/AV-1049');
  assert.match(await text(officer), /keeps? (the|her|their|a) lawyer|lawyer.*child|child.*lawyer/i);
});

test('S6: somebody is taken to another place: the list shows who is on the way, and shows nobody once both ends have checked', async () => {
  const registrar = await signedIn('prison registrar');
  await at(registrar, '/board');
  const [number] = (await registrar.locator('main').innerText()).match(/AV-\d+/);
  const carried = { 'f.vehicle': 'van 12', 'f.escort': ['officer:reth'], 'f.record_carried': 'yes', 'f.risk_passed_on': 'yes', 'f.injuries_new': 'no', 'f.family_lawyer_told': 'yes' };
  await enters(registrar, `/record/custody/${number}/enter/transfer_departed`, { ...carried, 'f.to': 'Harrow prison', 'f.purpose': 'court_hearing' });
  await at(registrar, '/work/people-on-the-way');
  assert.match(await text(registrar), new RegExp(number));
  assert.match(await text(registrar), /van 12/);
  await enters(registrar, `/record/custody/${number}/enter/transfer_arrived`, { ...carried, 'f.origin': 'Tern remand centre', 'f.admission': 'no' });
  await at(registrar, '/work/people-on-the-way');
  assert.doesNotMatch(await text(registrar), new RegExp(number));
});

test('S10: a move changes the floor that each person has, and who shared a cell with whom is read off the record', async () => {
  const officer = await signedIn('custody officer');
  const share = async (cell) => {
    await at(officer, '/cells');
    const line = officer.locator('section[aria-labelledby="list"] tbody tr').filter({ hasText: cell });
    return { people: Number(await line.locator('td').nth(1).innerText()), each: Number(await line.locator('td').nth(2).innerText()) };
  };
  const before = await share('Sahil district station/A4');
  await enters(officer, '/record/custody/AV-1044/enter/cell_entered', { 's.cell': 'Sahil district station/A4', 'f.reason': 'capacity', 'f.mixes_child_adult': 'no', 'f.mixes_sexes': 'no', 'f.camera_ref': 'corridor 2' });
  const then = await share('Sahil district station/A4');
  assert.equal(then.people, before.people + 1);
  assert.ok(then.each < before.each, `${then.each} m² after ${before.each}`);
  await at(officer, '/record/custody/AV-1044');
  await officer.getByRole('link', { name: 'Who shared a cell' }).click();
  assert.match(await text(officer), /Tavrin, Osk[\s\S]*Sahil district station\/A4/);
});
