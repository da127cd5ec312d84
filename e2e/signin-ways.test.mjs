// Signing in by a key that one holds and through a provider of identities, in a real browser: keys are added, used and removed; copied,
// replayed and foreign ones are refused; a provider (a process of its own) is away, comes, and vouches; nobody whom the accounts here do
// not let in gets in by either.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ends, free, grave, habeas, openBrowser, says, wide } from './demo.mjs';

const [officer, other] = ['officer:1042', 'officer:2044'];
const folder = mkdtempSync(join(tmpdir(), 'habeas-sign-in-ways-'));
const data = join(folder, 'station');
const run = (...words) => execFileSync(habeas, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const admin = (...words) => run('admin', 'account', '--data', data, ...words);
let browser, desk, provider, address, issuer;

const provides = async (minutes) => {
  const { port } = new URL(issuer);
  provider = await says(process.execPath, [fileURLToPath(new URL('provider.mjs', import.meta.url)), port, `${address}/sign-in/provider/back`, String(minutes)], /ready/);
};

before(async () => {
  const port = await free();
  address = `http://localhost:${port}`;
  issuer = `http://127.0.0.1:${await free()}`;
  run('admin', 'init', '--data', data, '--codebook', 'standards', '--origin', 'sahil.example/ways');
  writeFileSync(join(data, 'provider-secret'), 'a-secret-for-a-story-only\n');
  appendFileSync(join(data, 'habeas.toml'), `
[desk]
address = "${address}"
[desk.provider]
name = "Ministry of Justice"
issuer = "${issuer}"
client = "habeas"
secret_file = "provider-secret"
claim = "service_number"
scopes = ["service"]
`);
  for (const id of [officer, other]) admin('put', `${id}=${id}=custody officer=Sahil station`);
  desk = await says(habeas, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], /answers on/);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  for (const process of [desk, provider]) if (process) await ends(process);
  rmSync(folder, { recursive: true, force: true });
});

async function visitor(settings = {}) {
  const page = await (await browser.newContext({ ...wide, ...settings })).newPage();
  page.setDefaultTimeout(10_000);
  return page;
}

const main = (page) => page.locator('main').innerText();
const alerts = (page, words) => page.locator('[role=alert]', { hasText: words }).waitFor();
const trail = (id) => admin('trail', id);

async function byLink(page, id) {
  await page.goto(admin('link', id).trim().split('?')[0]);
  await page.locator('main form button').first().click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/** A stick in the machine's port: keeps keys, and asks for a finger. */
async function stick(page, { verifies = true } = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: verifies, automaticPresenceSimulation: true };
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  return { send: (verb, more = {}) => session.send(`WebAuthn.${verb}`, { authenticatorId, ...more }) };
}

async function addKey(page, name) {
  await page.goto(`${address}/account`);
  await page.locator('#passkey-new input[name=name]').fill(name);
  await page.locator('#passkey-new button').click();
}

async function enterByKey(page) {
  await page.goto(`${address}/sign-in?next=/account`);
  await page.locator('#passkey-enter button').click();
}

const signOut = (page) => page.locator('header form button').click();
const isIn = (page) => page.waitForURL(`${address}/account`);
let page, held;

test('a key is added under the strict policy, and signs its holder in without name or password', async () => {
  page = await visitor();
  held = await stick(page);
  await byLink(page, officer);
  await addKey(page, 'Blue stick');
  await page.locator('[role=status]', { hasText: 'The key is added' }).waitFor();
  assert.match(await main(page), /Blue stick\s+Added .*Not used yet/);
  await addKey(page, 'Once more');
  await alerts(page, /holds a key of yours already/);
  assert.match(admin('list'), /no password, 1 keys/);
  await signOut(page);
  await enterByKey(page);
  await isIn(page);
  assert.match(await main(page), /Blue stick\s+Added .*Last used/);
  assert.match(await main(page), /Signed in · with a key/);
  assert.match(trail(officer), /signed-in\tkey\n[^]*key-added\tdesk\tBlue stick/);
});

test('the only way in stays; a second key makes the first one removable, and what was begun with it ends', async () => {
  await page.getByRole('button', { name: /Remove: Blue stick/ }).click();
  await alerts(page, /only way to sign in/);
  const second = await visitor();
  await stick(second);
  await byLink(second, officer);
  await addKey(second, 'Grey stick');
  await second.locator('[role=status]', { hasText: 'The key is added' }).waitFor();
  await second.getByRole('button', { name: /Remove: Blue stick/ }).click();
  await second.locator('[role=status]', { hasText: 'The key is removed' }).waitFor();
  await page.goto(`${address}/account`);
  assert.match(page.url(), /\/sign-in/, 'the session that the removed key began has ended');
  await enterByKey(page);
  await alerts(page, /was not taken/);
  assert.match(trail(officer), /refused\tkey\tunknown\n[^]*key-removed\tdesk\tBlue stick/);
  await held.send('clearCredentials');
  await byLink(page, officer);
  await addKey(page, 'Blue stick, anew');
  await page.locator('[role=status]', { hasText: 'The key is added' }).waitFor();
});

test('no finger, another address, another site, a key used twice or copied: refused, and said why', async () => {
  await signOut(page);
  await held.send('setUserVerified', { isUserVerified: false });
  await enterByKey(page);
  await alerts(page, /No key was used/);
  await held.send('setUserVerified', { isUserVerified: true });

  await page.goto(`${address.replace('localhost', '127.0.0.1')}/sign-in`);
  await alerts(page, new RegExp(`Keys work at ${address} only`));
  assert.ok(await page.locator('#passkey-enter button').isDisabled());

  await page.route('**/sign-in/passkey', async (route) => {
    const sent = route.request().postDataJSON();
    const told = JSON.parse(Buffer.from(sent.credential.response.clientDataJSON, 'base64url'));
    told.origin = 'https://desk.elsewhere.example';
    sent.credential.response.clientDataJSON = Buffer.from(JSON.stringify(told)).toString('base64url');
    await route.continue({ postData: JSON.stringify(sent) });
  });
  await enterByKey(page);
  await alerts(page, /Keys work at .* only/);
  await page.unroute('**/sign-in/passkey');
  assert.match(trail(officer), /refused\tkey\torigin/);

  const [sent] = await Promise.all([page.waitForRequest('**/sign-in/passkey'), enterByKey(page)]);
  await isIn(page);
  const again = await page.request.post(`${address}/sign-in/passkey`, { data: sent.postDataJSON() });
  assert.equal(again.status(), 403);
  assert.match((await again.json()).wrong, /sent before/);
  const foreign = await page.request.post(`${address}/sign-in/passkey/ask`, { data: {}, headers: { origin: 'https://desk.elsewhere.example' } });
  assert.equal(foreign.status(), 403, 'another site cannot even ask');

  await signOut(page);
  const { credentials: [key] } = await held.send('getCredentials');
  await held.send('clearCredentials');
  await held.send('addCredential', { credential: { ...key, signCount: 0 } });
  await enterByKey(page);
  await alerts(page, /was not taken/);
  assert.match(trail(officer), /refused\tkey\tcopied/);
  await held.send('clearCredentials');
  await held.send('addCredential', { credential: { ...key, signCount: 100 } });
  await enterByKey(page);
  await isIn(page);
});

async function through(visitor, login) {
  await visitor.goto(`${address}/sign-in?next=/account`);
  await visitor.getByRole('link', { name: 'Sign in through Ministry of Justice' }).click();
  await visitor.locator('input[name=login]').fill(login);
  await visitor.locator('input[name=password]').fill('any');
  await visitor.getByRole('button', { name: 'Sign-in' }).click();
  await visitor.getByRole('button', { name: 'Continue' }).click();
  await visitor.waitForURL((url) => url.href.startsWith(address));
}

test('a provider that is away is said at the start and at the door; the desk is served without it', async () => {
  for (let waits = 0; waits < 50 && !/did not answer as a provider/.test(desk.said()); waits += 1) await new Promise((go) => setTimeout(go, 100));
  assert.match(desk.said(), /habeas\.toml: desk\.provider\.issuer: http:\S+ did not answer as a provider does: [^]*served without it/);
  const visits = await visitor();
  await visits.goto(`${address}/sign-in`);
  await visits.getByRole('link', { name: 'Sign in through Ministry of Justice' }).click();
  await alerts(visits, /Ministry of Justice could not be asked/);
  assert.match(admin('trail'), /-\trefused\tprovider\tsilent: Request failed/);
});

// The provider of these stories is a program for Node 20 or later.
const old = Number(process.versions.node.split('.')[0]) < 20 && 'the provider of identities needs Node 20';

test('whom the provider vouches for signs in; an answer counts once; whom nobody here knows is told nothing of accounts', { skip: old }, async () => {
  await provides(0);
  const vouched = await visitor();
  const [back] = await Promise.all([vouched.waitForRequest((asked) => asked.url().includes('/provider/back')), through(vouched, '1042')]);
  await isIn(vouched);
  assert.match(await main(vouched), /Signed in · through the provider/);
  assert.match(back.url(), /[?&]code=.*[?&]state=|[?&]state=.*[?&]code=/);
  await vouched.goto(back.url());
  await alerts(vouched, /This answer of Ministry of Justice cannot be used/);
  const thief = await visitor();
  await thief.goto(back.url());
  await alerts(thief, /was not asked for in this browser/);

  const unknown = await visitor();
  await through(unknown, '9999');
  await alerts(unknown, /you cannot sign in here with that/);
  assert.match(await main(unknown), /Ministry of Justice calls you: officer:9999/);
  const closed = await visitor();
  admin('shut', other);
  await through(closed, '2044');
  assert.equal((await main(closed)).replace('2044', '9999'), await main(unknown), 'a shut account looks like none');
  assert.match(trail(other), /refused\tprovider\tshut/);
  admin('link', other);
  admin('known-as', other, 'officer:9999');
  const known = await visitor();
  await through(known, '9999');
  await isIn(known);
  assert.match(await main(known), /officer:2044/);

  const turned = await visitor();
  await turned.goto(`${address}/sign-in`);
  await turned.getByRole('link', { name: /Sign in through/ }).click();
  await turned.getByRole('link', { name: /Cancel/ }).click();
  await alerts(turned, /did not let you through/);
});

test('two clocks that differ are told apart from everything else', { skip: old }, async () => {
  await ends(provider);
  await provides(30);
  const late = await visitor();
  await through(late, '1042');
  await alerts(late, /The clocks of this machine and of Ministry of Justice differ/);
  assert.match(admin('trail'), /refused\tprovider\tclock: /);
  await ends(provider);
  await provides(0);
});

test('who signs out everywhere, or is shut out, hears nothing more of the register', async () => {
  for (const finish of [(visits) => visits.request.get(`${address}/account`).then(async (answer) => {
    const [, token] = (await answer.text()).match(/action="\/sign-out-everywhere"[^]*?form_token" value="([^"]+)/);
    await visits.request.post(`${address}/sign-out-everywhere`, { form: { form_token: token } });
  }), () => admin('shut', officer)]) {
    const listens = await visitor();
    await byLink(listens, officer);
    await listens.goto(`${address}/board`);
    const ended = listens.evaluate(() => new Promise((resolve) => {
      const stream = new EventSource('/api/stream');
      stream.addEventListener('now', () => { document.title = 'listens'; });
      stream.addEventListener('ended', () => { stream.close(); resolve('ended'); });
    }));
    await listens.waitForFunction(() => document.title === 'listens');
    await finish(listens);
    assert.equal(await ended, 'ended');
    await listens.locator('#live', { hasText: 'signed out here' }).waitFor();
  }
  await enterByKey(page);
  await alerts(page, /was not taken/);
});

test('the pages of it are free of grave findings in three languages', async () => {
  const found = [];
  for (const language of ['az', 'en', 'ru']) {
    const reads = await visitor({ bypassCSP: true });
    await stick(reads);
    await reads.goto(`${address}/language?to=${language}&next=/sign-in`);
    const visits = async (path) => {
      if (path) await reads.goto(`${address}${path}`);
      assert.equal(await reads.locator('html').getAttribute('lang'), language);
      found.push(...(await grave(reads)).map((one) => `${language} ${path} ${one}`));
    };
    await visits('/sign-in');
    await visits('/sign-in/provider/back?state=1');
    await byLink(reads, other);
    await reads.goto(`${address}/language?to=${language}&next=/account`);
    await reads.locator('#passkey-new input[name=name]').fill(`Stick ${language}`);
    await reads.locator('#passkey-new button').click();
    await reads.locator('[role=status]').waitFor();
    await visits('/account');
    await visits('/account?wrong=passkeys-only-way');
  }
  assert.deepEqual(found, []);
});
