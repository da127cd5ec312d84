// A lawyer changes a chapter as a draft: checked while it is written, tried on the record of the demo State, and the law stays as it is.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Demo } from './demo.mjs';

let demo;
before(async () => { demo = await Demo.open('codebook', 3, 20_000); });
after(() => demo?.close());
const text = (page) => page.locator('main').innerText();

test('a limit made shorter in a draft shows which verdicts would change and by how much; a slip is told while it is written', async () => {
  const page = await demo.signedIn('monitor');
  await demo.at(page, '/codebook');
  await page.locator('select[name=chapter]').selectOption('chapters/12-rights.md');
  await page.locator('form.filters button').click();
  const box = page.locator('#draft');
  const chapter = await box.inputValue();
  assert.match(chapter, /limit telephone offered is|telephone/i);
  const limit = chapter.match(/limit ([a-z ]*telephone[a-z ]*) is 1 hour/);
  assert.ok(limit, 'a limit of an hour for the telephone');
  await box.fill(chapter.replace(limit[0], limit[0].replace('limit', 'limt')));
  await page.locator('#draft-found').filter({ hasText: /E\d\d\d/ }).waitFor();
  assert.match(await page.locator('#draft-found').innerText(), /Line \d+/, 'live, with its line');
  await box.fill(chapter.replace(limit[0], limit[0].replace('1 hour', '1 minute')));
  await page.locator('#draft-found').filter({ hasText: 'Nothing to object to' }).or(page.locator('#draft-found').filter({ hasText: 'Warning' })).first().waitFor();
  await page.locator('select[name=whose]').selectOption('all');
  await page.locator('button[value=try]').click();
  const trial = page.locator('#trial');
  await trial.waitFor();
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'codebook.png'), fullPage: true });
  assert.match(await trial.innerText(), /Telephone offered[\s\S]*\+\d+/, 'the safeguard, and by how much');
  await demo.at(page, '/law');
  assert.ok(!(await text(page)).includes('within 1 minute'), 'the law in force is the law in force');
});

test('with an error in it a draft is not tried, and what was typed stays; whoever serves at one place checks and is told no number', async () => {
  const page = await demo.signedIn('procurator desk');
  await demo.at(page, '/codebook?chapter=chapters/12-rights.md');
  const chapter = await page.locator('#draft').inputValue();
  await page.locator('#draft').fill(`${chapter}\n\`\`\`rule\nrule broken\n\`\`\`\n`);
  await page.locator('button[value=try]').click();
  assert.match(await text(page), /mend it first/);
  assert.ok((await page.locator('#draft').inputValue()).includes('rule broken'));
  const officer = await demo.signedIn('custody officer');
  await demo.at(officer, '/codebook');
  assert.equal(await officer.locator('button[value=try]').count(), 0);
});
