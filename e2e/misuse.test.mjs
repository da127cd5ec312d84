// What somebody would do who wants the record to say less than happened: each story ends in the refusal, the breach or the alarm.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
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
  // Shortly after midnight three hours ago was another day.
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Baku' }).format(early);
  await answer(page, {
    'f.type': 'first', 'f.done_by': 'doctor:ilse', 'f.qualification': 'doctor', 'f.consent': 'given', 'f.those_present': ['none'], 'f.restrained': 'no', 'f.findings': 'nothing to note',
    'f.fit_for': ['detention'], 'f.started.time': clock, 'f.started.day': day, 'f.ended.time': clock, 'f.ended.day': day, 'at.time': clock, 'at.day': day,
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
  assert.match(await text(page), /Removal stopped[\s\S]*Rune Abel/, 'but that it was tried, and by whom');
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

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const holds = (bytes, words) => bytes.includes(Buffer.from(words, 'latin1'));
/** A photograph as a telephone takes it: a picture with, before it, where it was taken. */
const taken = async (page) => {
  const picture = await page.screenshot({ type: 'jpeg', clip: { x: 0, y: 0, width: 320, height: 200 } });
  const tag = (id, of, count, value) => { const bytes = Buffer.alloc(12); bytes.writeUInt16BE(id, 0); bytes.writeUInt16BE(of, 2); bytes.writeUInt32BE(count, 4); bytes.writeUInt32BE(value, 8); return bytes; };
  const gps = Buffer.concat([Buffer.from([0, 1]), tag(2, 5, 3, 56), Buffer.alloc(4), Buffer.from('40.4093N 049.8671E'.padEnd(24), 'latin1')]);
  const tiff = Buffer.concat([Buffer.from('MM\0*\0\0\0\x08\0\x01', 'latin1'), tag(0x8825, 4, 1, 26), Buffer.alloc(4), gps]);
  const said = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(said.length + 2);
  const photo = Buffer.concat([picture.subarray(0, 2), Buffer.from([0xff, 0xe1]), size, said, picture.subarray(2)]);
  return { picture, photo };
};
/** Opens a file of the page: what is saved, and under which name. */
const saved = async (page, link) => {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return { bytes: await readFile(await download.path()), name: download.suggestedFilename() };
};
const files = (page) => page.locator('section[aria-labelledby="files"] tbody tr');

test('a photograph with the place where it was taken: what is kept has none, its hash is the one in the case, and the officer complained of finds no way to it', async () => {
  const procurator = await signedIn('procurator desk', { acceptDownloads: true });
  const { picture, photo } = await taken(procurator);
  await demo.fills(procurator, '/record/case/AV-1043-K/enter/evidence_logged', { item: 'photograph of the ribs', to: 'procurator:rune' });
  await procurator.locator('[name="f.files.file"]').setInputFiles([{ name: 'IMG_2207.JPEG', mimeType: 'image/jpeg', buffer: photo }]);
  await save(procurator);
  await entered(procurator);
  await at(procurator, '/record/case/AV-1043-K');
  const link = files(procurator).last().locator('th a');
  const kept = await saved(procurator, link);
  assert.equal(kept.name, 'IMG_2207.jpg');
  assert.ok(!holds(kept.bytes, 'Exif') && !holds(kept.bytes, '40.4093N'), 'no place, no camera');
  assert.ok(kept.bytes.equals(picture), 'and the picture is the one that was taken, bit for bit');
  await procurator.reload();
  const told = await files(procurator).last().innerText();
  for (const words of [sha256(kept.bytes), sha256(photo), 'where it was taken', 'Rune Abel']) assert.ok(told.includes(words), `${words} in ${told}`);
  const path = await link.getAttribute('href');
  for (const role of holders) {
    const page = await signedIn(role);
    const seen = async (guess) => { const answered = await page.context().request.get(demo.address + guess); return [answered.status(), (await answered.text()).match(/<main[\s\S]*<\/main>/)[0].replaceAll(/AV-\d+-K/g, '')]; };
    const nowhere = await seen(path.replace('AV-1043-K', 'AV-9999-K'));
    assert.equal(nowhere[0], 404, role);
    assert.deepEqual(await seen(path), nowhere, role);
    assert.equal((await seen(path.replace('/case/AV-1043-K/', '/custody/AV-1043/')))[0], 404, role);
    await at(page, '/record/custody/AV-1043');
    assert.doesNotMatch(await text(page), /IMG_2207|photograph of the ribs/, role);
  }
});

test('a letter of forty pages keeps every page and loses what it was made with; a page with a script that calls itself a picture is refused, and nothing typed is lost', async () => {
  const affairs = await signedIn('internal affairs desk', { acceptDownloads: true });
  const paper = await demo.visitor();
  await paper.setContent(Array.from({ length: 40 }, (_, page) => `<p style="break-after:page">Page ${page + 1} of what happened.</p>`).join(''));
  const letter = await paper.pdf({ format: 'A4' });
  await demo.fills(affairs, '/record/case/K-LETTER/enter/complaint_received', {
    channel: 'post', type: 'ill_treatment', account: 'A letter of forty pages.', confidential: 'yes', child: 'no', 'opened by': 'affairs:crane', 'way in': 'letter',
  });
  await affairs.locator('[name="f.photos.file"]').setInputFiles([{ name: 'wound.png', mimeType: 'image/png', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>') }]);
  await affairs.locator('[name="f.scanned_letter.file"]').setInputFiles([{ name: 'letter.pdf', mimeType: 'application/pdf', buffer: letter }]);
  await save(affairs);
  assert.match(await text(affairs), /neither a photograph \(JPEG, PNG, WebP\) nor a PDF/);
  assert.equal(await affairs.locator('[name="f.account"]').inputValue(), 'A letter of forty pages.');
  assert.match(await text(affairs), /letter\.pdf/, 'the letter waits: it need not be chosen again');
  await save(affairs);
  await entered(affairs);
  await at(affairs, '/record/case/K-LETTER');
  const kept = await saved(affairs, files(affairs).first().locator('th a'));
  const pages = (bytes) => bytes.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  assert.deepEqual([pages(letter), pages(kept.bytes)], [40, 40], 'whole');
  assert.ok(holds(letter, '/Producer') && !holds(kept.bytes, '/Producer') && !holds(kept.bytes, '/CreationDate'));
  const told = await files(affairs).first().innerText();
  for (const words of [sha256(kept.bytes), sha256(letter), 'what was written into it', 'I. Crane']) assert.ok(told.includes(words), `${words} in ${told}`);
});

test('a photograph comes with a complaint from outside: who complains needs no account, and who looks into it sees no place', async () => {
  const visitor = await demo.visitor();
  await at(visitor, '/complain');
  const { picture, photo } = await taken(visitor);
  await answer(visitor, { type: 'ill_treatment', account: 'My brother was beaten; this is his back.', child: 'no' });
  await visitor.locator('[name="f.photos.file"]').setInputFiles([{ name: 'back.jpg', mimeType: 'image/jpeg', buffer: photo }]);
  await visitor.locator('form[action="/complain"] button[value="save"]').last().click();
  assert.equal(await visitor.locator('dd.code').count(), 2, await text(visitor));
  const procurator = await signedIn('procurator desk', { acceptDownloads: true });
  await at(procurator, '/work/complaints?sort=since');
  const cases = await procurator.locator('table.work tbody th[scope=row] a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  let found;
  for (const path of cases) {
    await at(procurator, path);
    if ((await text(procurator)).includes('this is his back')) found = path;
    if (found) break;
  }
  assert.ok(found, 'the complaint is on the list');
  assert.ok((await saved(procurator, files(procurator).first().locator('th a'))).bytes.equals(picture));
});
