// The further systems of the demo State, each by somebody whose work it is: one task, ending in the right clock, figure or refusal.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Demo, answer, now } from './demo.mjs';

let demo;
before(async () => { demo = await Demo.open('systems', 3, 15_000); });
after(() => demo?.close());
const signedIn = (role, settings) => demo.signedIn(role, settings);
const at = (page, path) => demo.at(page, path);
const text = (page) => page.locator('main').innerText();
const list = async (page, name) => { const answer = await at(page, `/work/${name}`); assert.equal(answer.status(), 200, name); return text(page); };

const save = (page) => page.locator('#entry-form button[value="save"]').last().click();
const entered = async (page) => assert.match(page.url(), /\/(receipt|flow)\//, `still there: ${(await text(page)).slice(0, 600)}`);

test('S3: a complaint from outside reaches the procurator at once, and the complainant sees what is done', async () => {
  const page = await demo.visitor();
  await at(page, '/complain');
  const account = '<script>document.title="broken"</script> They hit me in the car.';
  await answer(page, { type: 'ill_treatment', account, child: 'no' });
  await page.locator('form[action="/complain"] button[value="save"]').last().click();
  const [reference, pin] = await page.locator('dd.code').allInnerTexts();
  assert.match(reference, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  await at(page, '/complain/follow');
  await page.locator('#reference').fill(reference);
  await page.locator('#pin').fill(pin);
  await page.locator('main form button').click();
  const seen = await text(page);
  assert.ok(!seen.includes('They hit me'), 'whoever finds the page learns nothing');
  assert.match(seen, /Complaint received/);
  const procurator = await signedIn('procurator desk');
  const complaints = await list(procurator, 'complaints');
  assert.match(complaints, /Ill.treatment/i);
  await procurator.locator('table.work tbody th[scope=row] a').first().click();
  assert.notEqual(await procurator.title(), 'broken', 'a script in a complaint is text');
});

test('S3: a wrong PIN and an unknown reference are one answer', async () => {
  const page = await demo.visitor();
  const told = [];
  for (const [reference, pin] of [['AAAA-BBBB', 'AAAAA-BBBB-CCCC'], ['0000-0000', '1']]) {
    await at(page, '/complain/follow');
    await page.locator('#reference').fill(reference);
    await page.locator('#pin').fill(pin);
    await page.locator('main form button').click();
    told.push((await page.locator('[role=alert]').innerText()));
  }
  assert.equal(told[0], told[1]);
});

test('S3: a letter of forty pages is taken whole; one that no page could hold is refused and kept', async () => {
  const page = await demo.visitor();
  await at(page, '/complain');
  await answer(page, { type: 'conditions', account: 'A line of what happened in the winter. '.repeat(2_600), child: 'no' });
  await page.locator('form[action="/complain"] button[value="save"]').last().click();
  assert.equal(await page.locator('dd.code').count(), 2);
  await at(page, '/complain');
  await answer(page, { type: 'conditions', account: 'x'.repeat(130_000), child: 'no' });
  await page.locator('form[action="/complain"] button[value="save"]').last().click();
  assert.match(await text(page), /Longer than/);
  assert.equal((await page.locator('[name="f.account"]').inputValue()).length, 130_000, 'what was typed is still there');
});

/** Enters something on a record: the address of the form, and its answers. */
const enters = async (page, path, answers) => {
  await demo.fills(page, path, answers);
  await save(page);
  await entered(page);
};
/** The line of a list that names a record. */
const line = (page, name) => page.locator('table.work tbody tr').filter({ has: page.locator(`th a[href$="/${encodeURIComponent(name)}"], th a[href$="/${name}"]`) });
const why = async (page, path) => { assert.equal((await at(page, path)).status(), 200, path); return text(page); };

/** The numbers of a table's first row, as the statistician may see them: not rounded. */
const counted = async (table) => {
  const year = new Date().getUTCFullYear();
  const page = await signedIn('statistician');
  await at(page, `/statistics?table=${table}&period=${year - 1}/${year + 1}&full=yes`);
  const told = await page.locator('main table').first().locator('tbody tr').first().locator('td').allInnerTexts();
  return [told.map((one) => Number(one.match(/\d+/)?.[0])), page];
};

test('S20: an arrest is in the table that the Committee asks for, without anybody typing a number, and the number opens down to it', async () => {
  const [[before]] = await counted('R01');
  const officer = await signedIn('arresting officer');
  await enters(officer, '/record/custody/C-S20/enter/person_apprehended', { location: 'Garden Street 3', 'f.done_by': ['officer:tovin'], unit: 'patrol', ground: 'suspicion', force: 'no' });
  const entry = officer.url().match(/receipt\/([^?]+)/)[1];
  const [[after], page] = await counted('R01');
  assert.equal(after, before + 1);
  await page.locator('main table').first().locator('tbody td a').first().click();
  assert.equal(await page.locator('main tbody tr').count(), after, 'as many entries as the number says');
  assert.ok((await text(page)).includes(entry), 'the arrest is one of them');
});

test('S5: an interview begins with who is there, is on the list of those that go on, and is off it when it has ended', async () => {
  const page = await signedIn('investigator');
  await enters(page, '/record/custody/AV-1043/enter/interview_started', {
    'purpose built': 'yes', 'f.officers': ['officer:brask'], 'f.lead': 'officer:brask', 'f.lawyer': 'lawyer:dacre', 'caution given': 'yes', fit: 'yes', recording: 'video',
  });
  const monitor = await signedIn('monitor');
  assert.match(await list(monitor, 'interviews-under-way'), /officer:brask|Brask/);
  const interview = (await monitor.locator('table.work tbody th a').first().getAttribute('href')).split('/').pop();
  await enters(page, `/record/interview/${interview}/enter/interview_ended`, { 'read back': 'yes', ack: 'signed', 'complaint made': 'no', 'recording sealed': 'yes' });
  assert.doesNotMatch(await list(monitor, 'interviews-under-way'), /officer:brask|Brask/);
});

test('S8: the head of place reviews the use of force, and the list has one less', async () => {
  const page = await signedIn('head of place');
  await list(page, 'force-to-be-reviewed');
  const used = await line(page, 'AV-1043').locator('a[href*="trigger="]').first().getAttribute('href');
  const use = new URL(used, demo.address).searchParams.get('trigger');
  await enters(page, '/record/custody/AV-1043/enter/force_reviewed', { use, debriefed: 'yes', justified: 'referred', 'f.done_by': 'officer:halden' });
  await list(page, 'force-to-be-reviewed');
  assert.equal(await line(page, 'AV-1043').count(), 0, 'reviewed');
  assert.match(await why(page, used), /Done in time/);
});

test('S12: the ways of appeal are told after their hour: done, and late for ever', async () => {
  const page = await signedIn('prison officer');
  await enters(page, '/record/measure/AV-1052-S1/enter/appeal_ways_told', { paths: ['head', 'service', 'court'], how: ['oral', 'written'] });
  const monitor = await signedIn('monitor');
  assert.match(await why(monitor, '/record/measure/AV-1052-S1/why/ways-of-appeal-told'), /Done, after its limit[\s\S]*Late by/);
});

test('S14: the probation officer meets the person supervised, and the next meeting is a month away', async () => {
  const page = await signedIn('probation officer');
  await list(page, 'people-supervised');
  await enters(page, '/record/person/P-S81/enter/supervision_contact', { type: 'office', outcome: 'ok' });
  await list(page, 'people-supervised');
  assert.match(await line(page, 'P-S81').innerText(), /Due in\s+(29|30|31)\sdays/);
});

test('S17: the court rules on a statement that was got by force: excluded, and off the list of contested ones', async () => {
  const page = await signedIn('court desk');
  await list(page, 'contested-statements');
  await line(page, 'K-73').locator('th a').first().click();
  const challenged = await page.locator('li.entry').filter({ hasText: 'Evidence challenged' }).first().getAttribute('id');
  await enters(page, '/record/proceeding/K-73/enter/evidence_ruled_on', { evidence: challenged, claim: 'coerced', 'burden on': 'prosecution', ruling: 'excluded', 'torture established': 'yes', 'examined in court': 'yes' });
  await list(page, 'contested-statements');
  assert.equal(await line(page, 'K-73').count(), 0, 'ruled on');
});

test('S19: the monitor enters what a visit found, and it stands in the record of the visit', async () => {
  const page = await signedIn('monitor');
  await list(page, 'monitoring-visits');
  await enters(page, '/record/visit/V-31/enter/finding_recorded', { about: ['lawyer'], seriousness: 'serious', text: 'No lawyer was called for two of nine people.' });
  await at(page, '/record/visit/V-31');
  assert.match(await text(page), /No lawyer was called for two of nine people/);
});

test('S21: a recommendation is given an action with a day and an agency; the clock that waited for a plan stops', async () => {
  const page = await signedIn('treaty coordinator');
  await list(page, 'recommendations');
  const monitor = await signedIn('monitor');
  const clock = '/record/rec/REC-5/why/recommendation-planned';
  assert.match(await why(monitor, clock), /Still to be done/);
  await enters(page, '/record/rec/REC-5/enter/action_planned', { action: 'New lamps in every corridor', lead: 'prison_service', 'f.due.day': '1', 'f.due.month': '12', 'f.due.year': '2031' });
  await list(page, 'recommendations');
  assert.match(await line(page, 'REC-5').innerText(), /prison service/i, 'the list says who leads');
  assert.match(await why(monitor, clock), /Done in time/);
});

test('S22: a question put in the meeting is counted among those that wait for a reply', async () => {
  const page = await signedIn('treaty coordinator');
  const [before] = await counted('R33');
  await enters(page, '/record/review/CAT-2031/enter/question_put', {
    body: 'cat', 'done by': 'the Rapporteur', para: '12', text: 'How many doctors examine on arrival?', 'asks for': 'number', 'f.due.time': '2359', 'asked in writing': 'no',
  });
  const [asked] = await counted('R33');
  assert.deepEqual(asked.slice(0, 4), [before[0] + 1, before[1] + 1, before[2], before[3]], 'a review more, a question more, no reply more');
});

test('S23: a shift that begins is on the list of those who are on', async () => {
  const head = await signedIn('head of place');
  await enters(head, '/record/officer/nurse:boro/enter/shift_ended', { post: 'nurse' });
  const monitor = await signedIn('monitor');
  await list(monitor, 'staff-on-shift');
  assert.equal(await line(monitor, 'nurse:boro').count(), 0, 'who has gone is off');
});

test('S24: a foreigner asks for the consulate: the clock runs, and stops when the consulate is told', async () => {
  const page = await signedIn('custody officer');
  const record = '/record/custody/AV-1042';
  await enters(page, `${record}/enter/right_requested`, { right: 'consulate', mode: 'oral' });
  assert.match(await why(page, `${record}/why/consulate-told`), /Still to be done/);
  await enters(page, `${record}/enter/third_party_notified`, { party: 'consulate', 'named by person': 'yes', attempt: '1', outcome: 'reached', 'f.done_by': 'officer:maren' });
  assert.match(await why(page, `${record}/why/consulate-told`), /Done in time/);
});

// What the work lists of the other roles hold: role, list, what a line says.
const lists = [
  ['S7', 'monitor', 'deaths', /Deaths/],
  ['S9', 'training unit', 'training-and-tests', /officer:brask[\s\S]*past/],
  ['S11', 'doctor', 'tuberculosis-cohort', /Positive/i],
  ['S13', 'prison officer', 'visits-and-calls', /Visit/],
  ['S14', 'monitor', 'releases', /Release due/i],
  ['S15', 'migration officer', 'return-decisions', /R-12/],
  ['S16', 'hotline operator', 'hotline', /H-302[\s\S]*/],
  ['S16', 'social worker', 'shelter', /P-H301/],
  ['S17', 'procurator desk', 'prosecutions', /K-71/],
  ['S18', 'court desk', 'compensation', /K-72/],
];
for (const [system, role, name, says] of lists) {
  test(`${system}: the ${role} opens ${name.replaceAll('-', ' ')}`, async () => {
    const page = await signedIn(role);
    assert.match(await list(page, name), says);
  });
}

test('S16: the hotline operator passes a call on, and its clock stops', async () => {
  const page = await signedIn('hotline operator');
  await list(page, 'hotline');
  await at(page, '/record/call/H-302/enter/help_call_forwarded');
  await now(page);
  await answer(page, { to: 'shelter' });
  await save(page);
  await entered(page);
  assert.match(await list(page, 'hotline'), /H-302/);
});

test('S9: several officers get the same entry at once, each with a receipt of its own', async () => {
  const page = await signedIn('training unit');
  await list(page, 'training-and-tests');
  await page.locator('table.work input[name=ids]').nth(0).check();
  await page.locator('table.work input[name=ids]').nth(1).check();
  await page.locator('form[action$="/several"] button').last().click();
  await page.locator('button[value="training_attended"]').click();
  await now(page);
  await answer(page, { course: 'first_aid', hours: '6', provider: 'Red Crescent', mandatory: 'no', agency: 'police' });
  await page.locator('form[action$="/several"] p.field button').click();
  assert.equal(await page.locator('main table a[href^="/receipt/"]').count(), 2, await text(page));
});

const everyPage = [['monitor', ['/work', '/work/complaints', '/work/releases', '/work/monitoring-visits']], ['training unit', ['/work/training-and-tests']], [null, ['/complain', '/complain/follow']]];
for (const language of ['en', 'az', 'ru']) {
  test(`nothing serious stands between anybody and the lists in ${language}`, async () => {
    const found = await demo.graveIn(language, everyPage, async (page, path) => {
      await at(page, path);
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${path.replaceAll('/', '_')}-${language}.png`), fullPage: true });
    });
    assert.deepEqual(found, []);
  });
}
