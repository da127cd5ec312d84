// Signing in, in a real browser: whoever keeps the accounts enters an officer and gives them a link; the officer chooses a password with
// six-figure codes, signs in by them, is refused and locked out, and ends every session; shut, nothing lets them in.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ends, free, grave, habeas, openBrowser, says, wide } from './demo.mjs';

const officer = 'officer:1042';
const password = 'a long night at the desk';
const folder = mkdtempSync(join(tmpdir(), 'habeas-sign-in-'));
const data = join(folder, 'station');
let browser, desk, address;

const run = (...words) => execFileSync(habeas, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const admin = (...words) => run('admin', 'account', '--data', data, ...words);

before(async () => {
  const port = await free();
  address = `http://localhost:${port}`;
  run('admin', 'init', '--data', data, '--codebook', 'standards', '--origin', 'sahil.example/sign-in');
  appendFileSync(join(data, 'habeas.toml'), `\n[desk]\naddress = "${address}"\n`);
  desk = await says(habeas, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], /answers on/);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  if (desk) await ends(desk);
  rmSync(folder, { recursive: true, force: true });
});

async function visitor(settings = {}) {
  const page = await (await browser.newContext({ ...wide, bypassCSP: true, ...settings })).newPage();
  page.setDefaultTimeout(10_000);
  return page;
}

const main = (page) => page.locator('main').innerText();
const press = (page) => page.locator('main form button').first().click();

async function byLink(page) {
  await page.goto(admin('link', officer).trim());
  await press(page);
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/** The six figures that an authenticator shows (RFC 6238), from the letters on the page. */
function figures(letters, at = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...letters.replaceAll(' ', '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', secret).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function signIn(page, code, word = password) {
  await page.goto(`${address}/sign-in?next=/account`);
  await page.fill('#name', officer);
  await page.fill('#password', word);
  await page.fill('#code', code);
  await press(page);
  return page.url();
}

/** A code is right one step early: whoever has just used one need not wait half a minute. */
const next = () => Date.now() + 30_000;
let letters;

test('an officer is entered, given a link, and chooses a password with codes', async () => {
  assert.match(admin('list'), /nobody may sign in yet/);
  assert.throws(() => admin('link', officer), /there is no account/);
  assert.throws(() => admin('put', `${officer}=L. Maren=cook=Sahil station`), /there is no role `cook`; there are: /);
  admin('put', `${officer}=L. Maren=custody officer=Sahil station`);
  assert.match(admin('list'), /officer:1042\tL\. Maren\tcustody officer\tSahil station\tno password/);
  const page = await visitor();
  await page.goto(admin('link', officer).trim());
  await page.locator('nav.langs a[lang=ru]').click();
  assert.match(await main(page), /По этой ссылке можно войти/, 'the link is still there in another language');
  await page.locator('nav.langs a[lang=en]').click();
  await press(page);
  await page.waitForURL(/account\/password/);
  assert.deepEqual(await grave(page), []);
  letters = await page.locator('main code').innerText();
  assert.match(await page.locator('main a[href^="otpauth:"]').getAttribute('href'), new RegExp(`secret=${letters.replaceAll(' ', '')}&`));
  assert.ok(await page.locator('.qr svg').isVisible());
  await page.fill('#code', '000000');
  await page.fill('#password', password);
  await press(page);
  assert.match(await page.locator('section[role=alert]').innerText(), /Nothing was changed/, 'a wrong code changes nothing');
  await page.fill('#code', figures(letters));
  await page.fill('#password', 'short');
  await press(page);
  assert.match(await page.locator('section[role=alert]').innerText(), /12 characters/);
  assert.equal(await page.locator('main code').innerText(), letters, 'the secret stays until it is used');
  await page.fill('#code', figures(letters));
  await page.fill('#password', password);
  await press(page);
  assert.match(await main(page), /The password is set/);
  assert.deepEqual(await grave(page), []);
  assert.match(admin('list'), /\tpassword, 0 keys\n/);
  await page.locator('header form button').click();
  await page.goto(`${address}/account`);
  assert.match(page.url(), /\/sign-in\?next=/, 'signed out');
});

test('they sign in with password and code; a wrong code, a used one and another password are refused', async () => {
  const page = await visitor();
  assert.match(await signIn(page, '123456'), /\/sign-in$/);
  assert.match(await page.locator('section[role=alert]').innerText(), /is not right/);
  assert.match(await signIn(page, figures(letters, next()), 'another long night'), /\/sign-in$/);
  const code = figures(letters, next());
  assert.match(await signIn(page, code), /\/account$/);
  assert.match(await main(page), /You sign in with a password/);
  const other = await visitor();
  assert.match(await signIn(other, code), /\/sign-in$/, 'a code counts once');
});

test('a password is changed by whoever knows it, or came by a link; every session ends', async () => {
  const [page, other] = [await visitor(), await visitor()];
  await byLink(page);
  await byLink(other);
  await page.goto(`${address}/account/password`);
  assert.equal(await page.locator('#old').count(), 0, 'by a link a forgotten one is replaced');
  letters = await page.locator('main code').innerText();
  await page.fill('#code', figures(letters));
  await page.fill('#password', password);
  await press(page);
  assert.match(await main(page), /The password is set/);
  await other.goto(`${address}/account`);
  assert.match(other.url(), /\/sign-in/, 'the other session ended');
  await page.goto(`${address}/account/password`);
  await page.fill('#old', 'not what it was');
  await page.fill('#code', figures(await page.locator('main code').innerText()));
  await page.fill('#password', 'an even longer night');
  await press(page);
  assert.match(await page.locator('section[role=alert]').innerText(), /until now is not right/);
});

test('sign out everywhere ends the session at the other desk too', async () => {
  const [page, other] = [await visitor(), await visitor()];
  await byLink(page);
  await byLink(other);
  await page.goto(`${address}/account`);
  await page.getByRole('button', { name: /everywhere/ }).click();
  await other.goto(`${address}/account`);
  assert.match(other.url(), /\/sign-in/);
});

test('five wrong tries lock the account; a link and a new password open it again', async () => {
  const page = await visitor();
  for (let tries = 0; tries < 5; tries += 1) await signIn(page, '000000', 'a guess that is wrong');
  assert.match(await signIn(page, figures(letters, next())), /\/sign-in$/, 'locked, the right one is refused as well');
  await byLink(page);
  await page.goto(`${address}/account/password`);
  letters = await page.locator('main code').innerText();
  await page.fill('#code', figures(letters));
  await page.fill('#password', password);
  await press(page);
  assert.match(await signIn(await visitor(), figures(letters, next())), /\/account$/);
});

test('without script it is the same', async () => {
  const page = await visitor({ javaScriptEnabled: false });
  await byLink(page);
  await page.goto(`${address}/account/password`);
  assert.ok(await page.locator('.qr svg').isVisible());
  await page.fill('#code', '1');
  await press(page);
  assert.match(await page.locator('section[role=alert]').innerText(), /Nothing was changed/);
});

test('shut, an account is let in by nothing', async () => {
  const page = await visitor();
  await byLink(page);
  const link = admin('link', officer).trim();
  admin('shut', officer);
  await page.goto(`${address}/account`);
  assert.match(page.url(), /\/sign-in/, 'its sessions ended');
  await page.goto(link);
  await press(page);
  assert.match(await page.locator('section[role=alert]').innerText(), /is not right/);
  assert.match(admin('list'), /no password/);
});
