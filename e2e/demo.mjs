// What the stories share: the program and a browser, the demo State with its links, somebody signed in, a form answered, what axe finds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { AxeBuilder } from '@axe-core/playwright';

export const habeas = process.env.HABEAS_BIN ?? 'target/debug/habeas';
export const wide = { viewport: { width: 1280, height: 900 } };

export const openBrowser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** The demo State in a folder of its own, served, and a browser before it. */
export class Demo {
  #kept = new Map();

  static async open(name, people, patience = 10_000) {
    const demo = new Demo();
    demo.folder = mkdtempSync(join(tmpdir(), `habeas-${name}-`));
    demo.people = people;
    demo.patience = patience;
    await demo.start('127.0.0.1:0');
    demo.browser = await openBrowser();
    return demo;
  }

  /** Serves the State; its address and its links, by role, are read from what it prints. */
  async start(listen) {
    const words = ['demo', '--people', String(this.people), '--data', join(this.folder, 'arvenia'), '--listen', listen];
    const child = spawn(habeas, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '', complained = '';
    child.stderr.on('data', (text) => { complained += text; });
    await new Promise((resolve, reject) => {
      child.stdout.on('data', (text) => { said += text; if (/treaty coordinator.*\n/.test(said)) resolve(); });
      child.on('exit', (status) => reject(new Error(`the demo ended with ${status}: ${complained}`)));
    });
    this.child = child;
    this.links = Object.fromEntries([...said.matchAll(/^ {2}(.+?) +(http:\S+)/gm)].map((found) => [found[1], found[2]]));
    this.address = said.match(/http:\/\/[\d.:]+/)[0];
  }

  /** Ends the program by a signal: its status. */
  ends(signal) {
    const child = this.child;
    this.child = undefined;
    return new Promise((resolve) => { child.removeAllListeners('exit'); child.on('exit', resolve); child.kill(signal); });
  }

  async close() {
    await this.browser?.close();
    if (this.child) await this.ends('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A page of somebody who has not signed in. */
  async visitor(settings = {}) {
    const page = await (await this.browser.newContext({ ...wide, ...settings })).newPage();
    page.setDefaultTimeout(this.patience);
    return page;
  }

  /** A page of somebody who has followed their link, on their own first page; the link works once, so the session is kept for the next story. */
  async signedIn(role, settings = {}) {
    const page = await this.visitor({ ...settings, storageState: this.#kept.get(role) });
    if (this.#kept.has(role)) {
      await page.goto(`${this.address}/`);
    } else {
      await page.goto(this.links[role]);
      await page.locator('main button').click();
      this.#kept.set(role, await page.context().storageState());
    }
    assert.equal(await page.locator('main').count(), 1, `${role} stands before ${page.url()}`);
    return page;
  }

  at(page, path) {
    return page.goto(`${this.address}${path}`);
  }

  /** The form at an address, filled in as of now. */
  async fills(page, path, answers) {
    const opened = await this.at(page, path);
    assert.equal(opened.status(), 200, path);
    await now(page);
    await answer(page, answers);
  }

  /** What is grave on pages, by role (`null` is anybody), in a language. `visit` opens a page; left out, it is only opened. */
  async graveIn(language, everyPage, visit = (page, path) => this.at(page, path)) {
    const found = [];
    for (const [role, paths] of everyPage) {
      const page = role ? await this.signedIn(role, { bypassCSP: true }) : await this.visitor({ bypassCSP: true });
      await this.at(page, `/language?to=${language}&next=/verify`);
      for (const path of paths) {
        await visit(page, path);
        assert.equal(await page.locator('html').getAttribute('lang'), language);
        found.push(...(await grave(page)).map((one) => `${path} ${one}`));
      }
      await this.at(page, '/language?to=en&next=/verify');
      await page.context().close();
    }
    return found;
  }
}

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds on a page. What it approves of is not told in full, and no frame is asked from a page of its own: no page here has any. */
export async function violations(page, more = []) {
  const axe = new AxeBuilder({ page }).options({ runOnly: { type: 'tag', values: [...wcag, ...more] }, resultTypes: ['violations'] });
  return (await axe.setLegacyMode(true).analyze()).violations;
}

/** What stands seriously between somebody and a page. */
export async function grave(page) {
  const serious = (await violations(page)).filter((one) => ['serious', 'critical'].includes(one.impact));
  return serious.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`);
}

/** Answers a form: a box by its name, a choice by its value, several by a list. A name that does not say so is a field's. */
export async function answer(page, answers) {
  for (const [field, value] of Object.entries(answers)) {
    const name = /^(at|s|f|c)\./.test(field) ? field : `f.${field.replaceAll(' ', '_')}`;
    for (const one of [value].flat()) {
      const choice = page.locator(`input[name="${name}"][value=${JSON.stringify(String(one))}]`);
      const list = page.locator(`select[name="${name}"]`);
      if (await choice.count()) await choice.check();
      else if (await list.count()) await list.selectOption(one);
      else await page.locator(`[name="${name}"]`).fill(String(one));
    }
  }
}

/** Presses the *now* of a box for a time. */
export const now = (page, name = 'at') => page.locator(`button[name="quick"][value="${name}:0"]`).click();

/** A port of this machine that nobody has. */
export const free = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
});

/** A process that has said what it says when it is ready; `said()` is all that it has said. */
export function says(command, words, ready) {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.said = () => said;
  return new Promise((resolve, reject) => {
    const hear = (text) => { said += text; if (ready.test(said)) resolve(child); };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (status) => reject(new Error(`${command} ended with ${status}: ${said}`)));
  });
}

/** Ends a process at once. */
export function ends(child) {
  return new Promise((resolve) => { child.removeAllListeners('exit'); child.on('exit', resolve); child.kill('SIGKILL'); });
}
