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

// What the work lists of each role hold, in the order of the systems: role, list, what a line says.
const lists = [
  ['S5', 'monitor', 'interviews-under-way', /Interviews under way/],
  ['S7', 'monitor', 'deaths', /Deaths/],
  ['S8', 'monitor', 'force-to-be-reviewed', /AV-/],
  ['S9', 'training unit', 'training-and-tests', /officer:brask[\s\S]*past/],
  ['S11', 'doctor', 'tuberculosis-cohort', /Positive/i],
  ['S12', 'monitor', 'people-isolated', /Solitary/i],
  ['S13', 'prison officer', 'visits-and-calls', /Visit/],
  ['S14', 'monitor', 'releases', /Release due/i],
  ['S14', 'probation officer', 'people-supervised', /P-S81/],
  ['S15', 'migration officer', 'return-decisions', /R-12/],
  ['S16', 'hotline operator', 'hotline', /H-302[\s\S]*/],
  ['S16', 'social worker', 'shelter', /P-H301/],
  ['S17', 'procurator desk', 'prosecutions', /K-71/],
  ['S17', 'court desk', 'contested-statements', /K-73/],
  ['S18', 'court desk', 'compensation', /K-72/],
  ['S19', 'monitor', 'monitoring-visits', /V-31/],
  ['S21', 'treaty coordinator', 'recommendations', /REC-5/],
  ['S23', 'monitor', 'staff-on-shift', /officer:/],
  ['S24', 'monitor', 'people-with-special-needs', /special needs/i],
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
