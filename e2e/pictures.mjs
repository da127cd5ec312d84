// The pictures of the pages in docs/, taken anew from the demo State: `node e2e/pictures.mjs docs/images [NAME...]`.
import { join } from 'node:path';
import { Demo } from './demo.mjs';

// Name, who looks (`null` is anybody), at what, how high.
const pictures = [
  ['cells', 'head of place', '/cells', 800],
  ['clinic', 'doctor', '/clinic', 760],
  ['clients', 'lawyer desk', '/clients', 640],
  ['interviews', 'investigator', '/interviews', 600],
  ['complain', null, '/complain', 900],
  ['relative', null, '/relative', 640],
  ['complaints', 'procurator desk', '/work/complaints', 760],
  ['kit', 'monitor', '/visit/V-31/kit', 1300],
  ['hotline', 'hotline operator', '/work/hotline', 620],
  ['statistics', 'statistician', `/statistics?table=R09&period=${new Date().getUTCFullYear()}&by=place`, 900],
  ['plan', 'treaty coordinator', '/plan', 760],
  ['law', 'monitor', '/law', 900],
  ['codebook', 'monitor', '/codebook?chapter=chapters/12-rights.md', 1080],
  ['verify', null, '/verify', 640],
  ['account', 'custody officer', '/account', 760],
];

const [folder, ...wanted] = process.argv.slice(2);
const demo = await Demo.open('pictures', 60, 30_000);
for (const [name, role, path, height] of pictures.filter(([name]) => !wanted.length || wanted.includes(name))) {
  const page = role ? await demo.signedIn(role) : await demo.visitor();
  await page.setViewportSize({ width: 1180, height });
  const answer = await demo.at(page, path);
  if (answer.status() !== 200) throw new Error(`${path} answers ${answer.status()}`);
  if (name === 'codebook') {
    await page.locator('#draft').evaluate((box) => { box.rows = 12; box.value = box.value.replace('is 1 hour', 'is 20 minutes'); box.scrollTop = 0; });
    await page.locator('select[name=whose]').selectOption('all');
    await page.locator('button[value=try]').click();
    await page.locator('#trial').waitFor();
    await page.locator('#draft').evaluate((box) => { box.rows = 12; });
  }
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
}
await demo.close();
