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

test('S3: the letter that the complaint was received is in the language in which it was made, to print and as PDF, and names nobody', async () => {
  const visitor = await demo.visitor();
  await at(visitor, '/language?to=az&next=/complain');
  await answer(visitor, { type: 'conditions', account: 'Gecə soyuq idi, növbətçi Maren pəncərəni bağlamadı.', child: 'no' });
  await visitor.locator('form[action="/complain"] button[value="save"]').last().click();
  const [reference, pin] = await visitor.locator('dd.code').allInnerTexts();
  const procurator = await signedIn('procurator desk');
  await list(procurator, 'complaints');
  let record;
  for (const path of await procurator.locator('table.work tbody th[scope=row] a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))) {
    await at(procurator, path);
    if ((await text(procurator)).includes('Gecə soyuq idi')) record = path;
  }
  assert.ok(record, 'the complaint is there');
  assert.equal((await at(procurator, `${record}/letter`)).status(), 200);
  assert.equal(await procurator.locator('select[name=lang]').first().inputValue(), 'az', 'their language is offered');
  if (process.env.PICTURES) await procurator.screenshot({ path: join(process.env.PICTURES, 'letter-choose.png'), fullPage: true });
  await procurator.locator('button[value=page]').first().click();
  const letter = await text(procurator);
  if (process.env.PICTURES) await procurator.screenshot({ path: join(process.env.PICTURES, 'letter-page.png'), fullPage: true });
  assert.equal(await procurator.locator('html').getAttribute('lang'), 'az');
  assert.match(letter, /Şikayətiniz qəbul olundu/);
  assert.match(letter, /ombudsmana müraciət/);
  assert.doesNotMatch(letter, /Maren|soyuq|procurator:|officer:/, 'nobody is named and nothing that was said is repeated');
  const pdf = await procurator.context().request.get(`${demo.address}${record}/letter?about=forwarded&lang=ru&as=pdf`);
  assert.equal(pdf.headers()['content-type'], 'application/pdf');
  assert.ok((await pdf.body()).subarray(0, 5).equals(Buffer.from('%PDF-')));
  assert.equal((await procurator.context().request.get(`${demo.address}${record}/letter?about=outcome&lang=ru&as=pdf`)).status(), 404, 'no outcome, no letter of it');
  await at(procurator, `${record}/letter`);
  await procurator.locator('a[href*="enter/complainant_informed"]').first().click();
  await now(procurator);
  await procurator.locator('#entry-form button[value="save"]').last().click();
  assert.match(procurator.url(), /\/receipt\//, (await text(procurator)).slice(0, 600));
  await at(visitor, '/complain/follow');
  await visitor.locator('#reference').fill(reference);
  await visitor.locator('#pin').fill(pin);
  await visitor.locator('main form button').click();
  assert.match(await text(visitor), /şikayətçiyə məlumat verilməsi/i, 'whoever complained sees that it was');
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
  assert.equal(Number((await page.locator('main p.big').innerText()).match(/\d+/)[0]), after, 'the number that was opened');
  assert.ok(await page.locator('main tbody tr').count() >= after, 'a custody rests on an entry at least');
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

/** The entry of a kind on a record that is open: its number. */
const entryOf = (page, words) => page.locator('li.entry').filter({ hasText: words }).first().getAttribute('id');

test('S7: a death is looked into by somebody from outside, the family and the ombudsman hear of it, and each clock says so', async () => {
  const head = await signedIn('head of place');
  const record = '/record/custody/AV-1041';
  await at(head, record);
  const seen = await entryOf(head, 'Welfare checked');
  await demo.fills(head, `${record}/enter/death_occurred`, {
    'f.found_by': 'officer:maren', 'last seen alive': seen, 'first aid': 'yes', 'f.pronounced_by': 'doctor:ilse', 'scene sealed': 'yes', apparent: 'unknown',
  });
  await now(head, 'f.found_at');
  await save(head);
  await entered(head);
  const procurator = await signedIn('procurator desk');
  assert.match(await why(procurator, `${record}/why/death-investigated`), /Still to be done/);
  assert.ok((await list(procurator, 'deaths')).includes(record.split('/').pop()));
  await enters(procurator, `${record}/enter/case_opened?s.case=D-1`, { body: 'procurator', 'independent of unit': 'yes', 'legal class': 'criminal_code', refused: 'no', 'told complainant': 'no' });
  for (const to of ['family', 'ombudsman']) await enters(head, `${record}/enter/death_notified?s.case=D-1`, { to, reached: 'yes', 'f.done_by': 'officer:halden' });
  const monitor = await signedIn('monitor');
  for (const rule of ['death-investigated', 'family-told-of-a-death', 'ombudsman-told-of-a-death']) assert.match(await why(monitor, `${record}/why/${rule}`), /Done in time/, rule);
  assert.match(await why(monitor, `${record}/why/cause-of-death-found`), /Still to be done/, 'why is still to be found');
});

test('S11: the result of the test for tuberculosis is there within a hundred minutes, and who is ill is treated', async () => {
  const nurse = await signedIn('nurse');
  const record = '/record/custody/AV-1046';
  await enters(nurse, `${record}/enter/sample_taken`, { disease: 'tb', occasion: 'entry', tube: 'T-46' });
  assert.match(await why(nurse, `${record}/why/tb-tested-on-arrival`), /Due in\s+(1\sh|9\d)[\s\S]*Still to be done/);
  await enters(nurse, `${record}/enter/infection_tested`, { disease: 'tb', occasion: 'entry', method: 'rapid', consent: 'yes', result: 'positive' });
  assert.match(await why(nurse, `${record}/why/tb-tested-on-arrival`), /Done in time/);
  const doctor = await signedIn('doctor');
  assert.match(await why(doctor, `${record}/why/tb-treated`), /Still to be done/);
  await enters(doctor, `${record}/enter/treatment_started`, { programme: 'tb', regimen: 'four drugs, two months, then two' });
  assert.match(await why(doctor, `${record}/why/tb-treated`), /Done in time/);
  assert.match(await list(doctor, 'tuberculosis-cohort'), /AV-1046/);
  const officer = await signedIn('custody officer');
  await at(officer, record);
  assert.doesNotMatch(await text(officer), /Positive|Tuberculosis|four drugs/i, 'the corridor learns nothing');
});

test('S13: a visit that was asked for is held and leaves the calendar; a call that staff ends early is a breach', async () => {
  const officer = await signedIn('prison officer');
  await at(officer, '/board');
  const record = (await officer.locator('main a[href^="/record/custody/"]').first().getAttribute('href')).split(/[?#]/)[0];
  const number = record.split('/').pop();
  await enters(officer, `${record}/enter/contact_requested`, { type: 'visit', with: 'parent' });
  await list(officer, 'visits-and-calls');
  assert.equal(await line(officer, number).count(), 1, 'asked for: on the calendar');
  assert.match(await why(officer, `${record}/why/contact-held`), /Still to be done/);
  await enters(officer, `${record}/enter/contact_held`, { type: 'visit', with: 'parent', monitored: 'sight', 'f.entitled.hours': '2', 'f.length.hours': '2' });
  assert.match(await why(officer, `${record}/why/contact-held`), /Done in time/);
  await list(officer, 'visits-and-calls');
  assert.equal(await line(officer, number).count(), 0, 'held: off the calendar');
  await enters(officer, `${record}/enter/video_call_started`, {});
  await enters(officer, `${record}/enter/video_call_ended`, { 'ended by': 'staff', 'cut because': 'convenience', reason: 'the room was wanted' });
  const monitor = await signedIn('monitor');
  assert.match(await why(monitor, `${record}/why/video-call-not-cut`), /not honoured|Breached|Not done/i);
});

test('S14: whoever has served is let out on the day: the clock stops, and the release calendar has one less', async () => {
  const registrar = await signedIn('prison officer');
  await list(registrar, 'releases');
  const record = await registrar.locator('table.work tbody th a').first().getAttribute('href');
  const number = record.split('/').pop();
  assert.match(await why(registrar, `${record}/why/released-on-the-day`), /Still to be done/);
  await enters(registrar, `${record}/enter/person_released`, { how: 'sentence_served', 'property back': 'yes', transport: 'family' });
  assert.match(await why(registrar, `${record}/why/released-on-the-day`), /Done in time/);
  await list(registrar, 'releases');
  assert.equal(await line(registrar, number).count(), 0, 'nobody is there a day too long');
});

test('S15: a claim for asylum is decided in its time, whatever the passport, and the police read none of it', async () => {
  const page = await signedIn('migration officer');
  assert.match(await why(page, '/record/proceeding/R-13/why/asylum-decided-in-time'), /Still to be done/);
  await enters(page, '/record/proceeding/R-13/enter/asylum_decided', {
    outcome: 'refugee', interviewed: 'yes', reason: 'A real risk for this person.', 'f.appeal_until.day': '1', 'f.appeal_until.month': '12', 'f.appeal_until.year': '2031',
  });
  assert.match(await why(page, '/record/proceeding/R-13/why/asylum-decided-in-time'), /Done in time/);
  const officer = await signedIn('investigator');
  await at(officer, '/record/proceeding/R-13');
  assert.doesNotMatch(await text(officer), /real risk for this person|Asylum/i);
});

test('S16: a place in the shelter and the plan that follows; where it is stands nowhere for anybody else', async () => {
  const page = await signedIn('social worker');
  const record = '/record/person/P-H303';
  await enters(page, `${record}/enter/victim_risk_assessed`, { score: '7', weapons: 'no', 'children at home': 'no', plan: 'a room of her own, another telephone' });
  await enters(page, `${record}/enter/shelter_admitted`, { shelter: 'House by the river', 'with children': '0', services: ['medical', 'legal'] });
  assert.match(await why(page, `${record}/why/needs-planned`), /Still to be done/);
  await enters(page, `${record}/enter/needs_plan_made`, { care: 'a doctor this week', 'legal help': 'a lawyer of the legal aid', 'work or school': 'sewing, and the language' });
  assert.match(await why(page, `${record}/why/needs-planned`), /Done in time/);
  for (const role of ['procurator desk', 'hotline operator', 'monitor', 'investigator', 'custody officer']) {
    const other = await signedIn(role);
    await at(other, record);
    assert.doesNotMatch(await text(other), /House by the river/, role);
    assert.doesNotMatch(await (await other.context().request.get(`${demo.address}/api/subjects/person/P-H303`)).text(), /House by the river/, role);
  }
});

test('S17: torture is charged as torture before the court for serious crimes, and the sentence is in the table of convictions', async () => {
  const [before] = await counted('R13');
  const court = await signedIn('court desk');
  await list(court, 'prosecutions');
  assert.equal(await line(court, 'K-71').count(), 1);
  const procurator = await signedIn('procurator desk');
  for (const rule of ['torture-before-serious-court', 'charge-names-its-article']) assert.match(await why(procurator, `/record/proceeding/K-71/why/${rule}`), /Done|in time|kept|honoured/i, rule);
  await enters(court, '/record/proceeding/K-71/enter/verdict_delivered', {
    result: 'convicted', articles: ['criminal_code'], suspended: 'no', 'as torture': 'yes', official: 'yes', final: 'no', 'evidence examined in court': 'yes', 'victim in the case': 'yes', 'moral damage': 'awarded',
  });
  await list(court, 'prosecutions');
  assert.equal(await line(court, 'K-71').count(), 0, 'judged');
  const [after] = await counted('R13');
  assert.notDeepEqual(after, before, `the table counts it: ${before} then ${after}`);
});

test('S18: a part that was paid leaves the clock running; the rest stops it, and the list has one less', async () => {
  const court = await signedIn('court desk');
  await list(court, 'compensation');
  await line(court, 'K-72').locator('th a').first().click();
  const award = await entryOf(court, 'Compensation awarded');
  const pays = (amount, whole) => enters(court, '/record/proceeding/K-72/enter/compensation_paid', { award, 'f.amount.amount': amount, 'f.amount.currency': 'AZN', 'done by': 'the treasury', 'in full': whole });
  await pays('4000', 'no');
  const clock = '/record/person/P-K72/why/award-paid-in-full';
  assert.match(await why(court, clock), /Still to be done/, 'a part is no payment');
  await pays('6000', 'yes');
  assert.match(await why(court, clock), /Done in time/);
  await list(court, 'compensation');
  assert.equal(await line(court, 'K-72').count(), 0);
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

const everyPage = [['monitor', ['/work', '/work/complaints', '/work/releases', '/work/monitoring-visits', '/visit/V-31/kit']], ['procurator desk', ['/record/case/AV-1043-K/letter', '/record/case/AV-1043-K', '/record/case/AV-1043-K/enter/evidence_logged']], ['training unit', ['/work/training-and-tests']], [null, ['/complain', '/complain/follow']]];
for (const language of ['en', 'az', 'ru']) {
  test(`nothing serious stands between anybody and the lists in ${language}`, async () => {
    const found = await demo.graveIn(language, everyPage, async (page, path) => {
      await at(page, path);
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${path.replaceAll('/', '_')}-${language}.png`), fullPage: true });
    });
    assert.deepEqual(found, []);
  });
}

test('S19: the kit goes through the gate: without a line a finding is kept on the tablet, handed in once when the line is back, and the sample leads to the signed log', async () => {
  const page = await signedIn('monitor', { serviceWorkers: 'allow' });
  await at(page, '/record/visit/V-31');
  await page.locator('a[href="/visit/V-31/kit"]').click();
  await page.locator('#kit-state').filter({ hasText: 'go on without a line' }).waitFor({ timeout: 30_000 });
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'kit.png'), fullPage: true });
  for (const told of await page.locator('[data-sample] [data-told]').allInnerTexts()) assert.match(told, /^(\d) of \1 receipts lead to the signed log$/);
  await page.reload();
  await page.locator('#kit-state').filter({ hasText: 'go on without a line' }).waitFor({ timeout: 30_000 });
  const context = page.context();
  await context.setOffline(true);
  await page.locator('table a', { hasText: 'Finding' }).first().click();
  await page.locator('#entry-form').waitFor();
  await page.locator('[name="f.text"]').fill('No soap in four of nine cells.');
  await page.locator('input[name="f.seriousness"][value="shortcoming"]').check();
  await now(page);
  await page.locator('#entry-form .row button[value="save"]').last().click();
  await page.waitForURL(/\/visit\/V-31\/kit/);
  await page.locator('#kit-notes li').first().waitFor({ timeout: 10_000 });
  assert.equal(await page.locator('#kit-notes li').count(), 1, 'kept on the tablet');
  const monitor = await signedIn('procurator desk');
  await at(monitor, '/record/visit/V-31');
  assert.doesNotMatch(await text(monitor), /No soap in four/, 'and not in the record yet');
  await context.setOffline(false);
  await page.locator('#kit-send').click();
  await page.locator('.entry').filter({ hasText: 'No soap in four of nine cells' }).waitFor();
  assert.equal(await page.locator('#kit-notes li').count(), 0, 'handed in: nothing is left');
  await at(page, '/record/visit/V-31');
  assert.equal((await text(page)).split('No soap in four of nine cells').length, 2, 'once');
  const paper = await signedIn('monitor', { javaScriptEnabled: false });
  await at(paper, '/visit/V-31/kit');
  assert.match(await text(paper), /Sample of the records[\s\S]*What to look at/, 'without script it is a list of forms, and paper');
  const officer = await signedIn('investigator');
  assert.notEqual((await at(officer, '/visit/V-31/kit')).status(), 200, 'the kit is the visitors’ own');
});
