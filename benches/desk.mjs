// What `benches/desk` runs: fills a register through `habeas import`, serves it, signs boards in, and measures from outside the process.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const habeas = process.env.HABEAS_BIN;
const wishes = { custodies: 2000, boards: 200, people: 300, long: 500, folder: tmpdir() };
const words = process.argv.slice(2);
while (words.length) {
  const word = words.shift();
  if (word === '--large') wishes.custodies = 100000;
  else if (['--custodies', '--boards'].includes(word)) wishes[word.slice(2)] = Number(words.shift());
  else if (word === '--folder') wishes.folder = words.shift();
  else if (word === '--kept') wishes.kept = words.shift();
  else { console.error(`\`${word}\`: known are --custodies N, --boards N, --large, --folder DIR, --kept DIR`); process.exit(2); }
}

const folder = wishes.kept ?? mkdtempSync(join(wishes.folder, 'habeas-desk-'));
mkdirSync(folder, { recursive: true });
const data = join(folder, 'register');
const now = Date.now();
const minute = 60000;
const place = (n) => `Station ${1 + Math.floor(n / wishes.people)}`;
const custody = (n) => `C-${n}`;

/** The one with many entries: a new one in every run, since what a run adds would make it longer for the next. */
const long = `L-${now}`;

/** The entries of one custody, as its station made them. */
function* story(n, name = custody(n), checks = 3) {
  const began = now - (120 + (n * 7) % 1000) * minute;
  const subject = { custody: name, person: name.replace(/^C/, 'P'), place: place(n) };
  const officer = `officer:${1000 + (n % 50)}`;
  let step = 0;
  const entry = (minutes, kind, fields, more = {}) => {
    const at = new Date(began + minutes * minute).toISOString();
    step += 1;
    return { id: `${name}-${step}`, kind, at, recorded_at: at, by: officer, subject: { ...subject, ...more }, fields };
  };
  yield entry(0, 'person apprehended', { location: 'harbour road', done_by: [officer], unit: 'patrol', ground: 'suspicion', force: 'no' });
  yield entry(25, 'person arrived', { brought_by: [officer], origin: 'street', injuries_apparent: 'no', says_ill_treated: 'no' });
  yield entry(30, 'identity established', { names: `Person ${n}`, born: '1990-01-01', sex: n % 9 ? 'male' : 'female', nationality: ['AZ'], languages: ['az'], method: 'document', confidence: 'confirmed' });
  yield entry(35, 'rights explained', { rights: ['lawyer', 'doctor'], how: ['oral'], lang: 'az', understood: 'yes', done_by: officer, ack: 'signed' });
  yield entry(50, 'cell entered', { reason: 'first_placement', mixes_child_adult: 'no', mixes_sexes: 'no' }, { cell: `${place(n)}/${n % 60}` });
  for (let check = 0; check < checks; check += 1) {
    yield entry(55 + (check * 60) / checks, 'welfare checked', { method: 'hatch', response: 'awake', seen: 'awake, reading', done_by: officer });
  }
}

function run(...command) {
  const done = spawnSync(habeas, command, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`habeas ${command[0]}: ${done.stderr.slice(-2000)}`);
  return done;
}

function fill() {
  if (existsSync(data)) {
    const log = join(folder, 'long.jsonl');
    writeFileSync(log, [...story(0, long, wishes.long - 5)].map((one) => `${JSON.stringify(one)}\n`).join(''));
    run('import', log, '--data', data);
    console.log(`a register that an earlier run kept; ${wishes.boards} boards`);
    return;
  }
  const log = join(folder, 'log.jsonl');
  const file = openSync(log, 'w');
  let entries = 0, waiting = '';
  for (let n = 0; n <= wishes.custodies; n += 1) {
    for (const one of n === wishes.custodies ? story(0, long, wishes.long - 5) : story(n)) { waiting += `${JSON.stringify(one)}\n`; entries += 1; }
    if (waiting.length > 1 << 20) { writeSync(file, waiting); waiting = ''; }
  }
  writeSync(file, waiting);
  closeSync(file);
  const began = Date.now();
  run('import', log, '--codebook', 'aze', '--origin', 'custody.example/bench', '--data', data);
  console.log(`${wishes.custodies} open custodies, ${entries} entries, brought in ${Math.round((Date.now() - began) / 1000)} s; ${wishes.boards} boards`);
}

const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
let address, server;

/** One request: status, headers, body, and how long it took in milliseconds. */
function ask(path, { method = 'GET', cookie, body, type } = {}) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const headers = { ...(cookie && { cookie }), ...(type && { 'content-type': type }), ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) };
    const sent = request(`${address}${path}`, { method, agent, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString(), took: performance.now() - began }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function signedIn(link) {
  const answer = await ask(new URL(link).pathname, { method: 'POST', type: 'application/x-www-form-urlencoded', body: '' });
  if (answer.status !== 303) throw new Error(`${link}: ${answer.status}`);
  return answer.headers['set-cookie'][0].split(';')[0];
}

/** A board that listens: `heard(record)` gives the moment at which a change of a record arrives. */
function board(cookie) {
  const waiting = new Map();
  return new Promise((resolve, reject) => {
    request(`${address}/api/stream`, { headers: { cookie }, agent: false }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`the stream: ${answer.statusCode}`));
      let text = '';
      answer.on('data', (part) => {
        const at = performance.now();
        text += part;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const event = text.slice(0, end);
          text = text.slice(end + 2);
          if (!event.includes('event: changed')) continue;
          for (const record of JSON.parse(event.match(/data: (.*)/)[1]).records) waiting.get(record)?.(at);
        }
      });
      resolve({ heard: (record) => new Promise((tell) => waiting.set(record, (at) => { waiting.delete(record); tell(at); })) });
    }).on('error', reject).end();
  });
}

/** Processor time of the server so far, in milliseconds; and its memory in MB, now and at most. */
const ticks = () => { const part = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' '); return (Number(part[11]) + Number(part[12])) * 10; };
const memory = (name) => Number(readFileSync(`/proc/${server.pid}/status`, 'utf8').match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024;

/** How often a thing is measured: so many times, or as often as two minutes allow. */
function* rounds(times) {
  const until = performance.now() + 120000;
  for (let n = 0; n < times && (n < 3 || performance.now() < until); n += 1) yield n;
}

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
function line(what, figures, unit, wanted, judged = 0.99) {
  const sorted = [...figures].sort((one, other) => one - other);
  const shown = sorted.length === 1 ? sorted[0].toFixed(1) : `p50 ${at(sorted, 0.5).toFixed(1)}  p95 ${at(sorted, 0.95).toFixed(1)}  p99 ${at(sorted, 0.99).toFixed(1)}`;
  const missed = wanted !== undefined && at(sorted, judged) > wanted;
  console.log(`${what.padEnd(66)} ${shown.padStart(36)} ${unit.padEnd(4)} ${(wanted === undefined ? '' : `at most ${wanted}`).padEnd(12)} ${missed ? 'MISSED' : ''}`);
}

async function serve() {
  const accounts = Array.from({ length: wishes.boards }, (_, n) => `officer:${n}=Officer ${n}=custody officer=${place((n * wishes.people) % wishes.custodies)}`);
  accounts.push(`writer=Writer=custody officer=${place(0)}`, 'procurator:1=P. Orde=procurator desk=', 'lawyer:1=L. Tarn=lawyer desk=');
  const command = ['serve', '--data', data, '--listen', '127.0.0.1:0', ...accounts.flatMap((one) => ['--account', one])];
  server = spawn(habeas, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', complained = '';
  server.stderr.on('data', (text) => { complained += text; });
  await new Promise((resolve, reject) => {
    server.stdout.on('data', (text) => { said += text; if (said.trim().split('\n').length >= accounts.length) resolve(); });
    server.on('exit', (status) => reject(new Error(`the server ended with ${status}: ${complained}`)));
  });
  address = said.match(/http:\/\/[\d.:]+/)[0];
  return Promise.all([...said.matchAll(/(http:\S+)/g)].map((found) => signedIn(found[1])));
}

const CHECKED = ['welfare checked', { method: 'hatch', response: 'awake', seen: 'awake', done_by: 'writer' }];
const CALLED = ['lawyer contacted', { lawyer: 'lawyer:1', channel: 'phone', attempt: '1', outcome: 'accepted' }];
const ARRIVED = ['person arrived', { brought_by: ['writer'], origin: 'street', injuries_apparent: 'no', says_ill_treated: 'no' }];

/** An entry of this moment about one custody, as the API takes it. */
const entry = (round, n, [kind, fields] = CHECKED, name = custody(n)) => JSON.stringify({
  id: `bench-${now}-${round}-${n}`, kind, at: new Date().toISOString(),
  subject: { custody: name, person: name.replace(/^C/, 'P'), place: place(n) }, fields,
});

async function append(cookie, body) {
  const answer = await ask('/api/events', { method: 'POST', cookie, type: 'application/json', body });
  if (answer.status !== 201) throw new Error(`the API: ${answer.status} ${answer.text}`);
  return answer.took;
}

/** A page so many times; before each, an entry is made in its place. */
async function page(path, cookie, writer, round, times = 40) {
  const first = await ask(path, { cookie });
  if (first.status !== 200) throw new Error(`${path}: ${first.status}`);
  const took = [], begun = ticks();
  for (const n of rounds(times)) {
    if (writer) await append(writer, entry(`${round}-${n}`, n % Math.min(wishes.people, wishes.custodies)));
    took.push((await ask(path, { cookie })).took);
  }
  return { first: first.took, took, bytes: first.text.length, cpu: (ticks() - begun) / took.length };
}

/** Until the server has had nothing to do by itself for so long that a look at the clock was among it: after a start it judges again whom time
 * has moved meanwhile. Gives the processor's seconds that it took for that; waits ten minutes at most. */
async function quiet() {
  const begun = ticks(), until = performance.now() + 600000;
  for (let still = 0, before = begun; still < 40 && performance.now() < until;) {
    await new Promise((go) => setTimeout(go, 1000));
    const now = ticks();
    still = now - before < 150 ? still + 1 : 0;
    before = now;
  }
  return (ticks() - begun) / 1000;
}

async function measure() {
  fill();
  const cookies = await serve();
  const [lawyer, procurator, writer] = [cookies.pop(), cookies.pop(), cookies.pop()];
  const boards = await Promise.all(cookies.map(board));
  const watcher = boards[0], reader = cookies[0];
  const people = Math.min(wishes.people, wishes.custodies);
  /** Entries one after another: how long until each is told to another board, until it is answered, and the processor's time of one. */
  const told = async (times, of, body) => {
    const heard = [], taken = [], begun = ticks();
    for (const n of rounds(times)) {
      const tells = watcher.heard(`custody/${of(n)}`);
      const sent = performance.now();
      taken.push(await append(writer, body(n)));
      heard.push(await tells - sent);
    }
    return [heard, taken, (ticks() - begun) / heard.length];
  };
  const early = await page('/board', reader, undefined, 'early', 1);
  line('first board after the start', [early.first], 'ms');
  line('processor until whom time had moved meanwhile is judged', [await quiet()], 's');
  const shown = await page('/board', reader, writer, 'board');
  line(`board of ${people} people, one changed since`, shown.took, 'ms', 100, 0.95);
  line('processor of the server for one board and one entry', [shown.cpu], 'ms');
  const [heard, taken, each] = await told(300, (n) => custody(n % people), (n) => entry(`heard-${n}`, n % people));
  line('entry by the API to the changed row on another board', heard, 'ms', 50);
  line('of which the answer of the API', taken, 'ms');
  line('processor of the server for one entry and its boards', [each], 'ms');
  const [arrived, , arriving] = await told(30, (n) => `A-${now}-${n}`, (n) => entry('arrived', n, ARRIVED, `A-${now}-${n}`));
  line(`arrival at a place of ${people} to another board`, arrived, 'ms');
  line('processor of the server for one arrival and its boards', [arriving], 'ms');
  const record = await page(`/record/custody/${long}`, reader, undefined, 'record');
  line(`record of ${wishes.long} entries`, record.took, 'ms', 100, 0.95);
  line('processor of the server for one record', [record.cpu], 'ms');
  line('memory of the server, resident: boards, entries, records', [memory('VmRSS')], 'MB', 300);
  const law = await page('/law', procurator, undefined, 'law', 5);
  line('law with the counts of every rule', law.took, 'ms');
  const day = await page('/last-day', procurator, undefined, 'day', 5);
  line('last 24 hours over all places, the first time', [day.first], 'ms');
  line('last 24 hours over all places', day.took, 'ms');
  line('processor of the server for one page of it', [day.cpu], 'ms');
  line('memory of the server, resident: after these two as well', [memory('VmRSS')], 'MB', 300);
  const work = await page('/work', procurator, undefined, 'work', 5);
  line('work lists of the procurator, counted, the first time', [work.first], 'ms');
  line('work lists of the procurator, counted', work.took, 'ms');
  const count = Math.min(20, people - 1);
  for (let n = 1; n <= count; n += 1) await append(writer, entry('called', n, CALLED));
  const clients = await page('/clients', lawyer, undefined, 'clients', 10);
  line(`a lawyer's list of ${count} clients, the first time`, [clients.first], 'ms');
  line(`a lawyer's list of ${count} clients`, clients.took, 'ms');
  const awaited = await page('/work/lawyers-awaited', lawyer, undefined, 'awaited', 10);
  line('work list of a lawyer, the first time', [awaited.first], 'ms');
  line('work list of a lawyer', awaited.took, 'ms');
  line('memory of the server, at most', [memory('VmHWM')], 'MB');
}

let status = 0;
try {
  await measure();
} catch (error) {
  console.error(error.message);
  status = 1;
} finally {
  server?.removeAllListeners('exit');
  server?.kill('SIGKILL');
  if (!wishes.kept && existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
