import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packsDir } from '@entente/policy';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureSaid } from './fixture/capture-said.js';
import { ORIGIN, TestLog, vkeyOf } from './history/fixture/test-log.js';
import { runProgram } from './program.js';

const said = captureSaid();
const printed = () => said.out + said.err;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-input-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A file of anchors of a network that there is not. */
async function anchorsOf(): Promise<string> {
  const { publicJwk } = await createSigner(await generateKey('Ed25519'));
  const file = join(dir, 'trusted.json');
  writeFileSync(file, JSON.stringify({ network: 'test', threshold: 1, keys: [publicJwk] }));
  return file;
}

const audited = (log: string, vkey = vkeyOf(ORIGIN)) =>
  runProgram(['audit', 'sample', '--nation', 'DE', '--log', log, '--vkey', vkey, '--archive', dir]);

test('a log that is not where it is looked for is said with the place, and what is there', async () => {
  const log = new TestLog(join(dir, 'copy', 'log'));
  await log.grow({});
  for (const [place, words] of [
    [join(dir, 'none'), 'there is no such folder'],
    [dir, 'it has no file "checkpoint" that can be read'],
  ] as const) {
    expect(await audited(place)).toBe(2);
    expect(printed()).toContain(`There is no log in ${place}: ${words}`);
  }
  expect(await runProgram(['log', 'verify', join(dir, 'copy'), '--vkey', vkeyOf(ORIGIN)])).toBe(2);
  expect(printed()).toContain('whose log is in its folder "log"');
});

test('a checkpoint of another key, or what is none, is said with the place and the key that was asked for', async () => {
  const log = new TestLog(join(dir, 'log'));
  await log.grow({});
  const other = vkeyOf('log.example/fr/2026');
  expect(await audited(log.at, other)).toBe(2);
  const key = other.split('+').slice(0, 2).join('+');
  const words = `What ${log.at} shows as its checkpoint is none that the key ${key} has signed (note-unsigned: `;
  expect(printed()).toContain(words);
  const server = createServer((request, response) => {
    if (request.url === '/checkpoint') response.end('<html>an error page</html>');
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await audited(address)).toBe(2);
  expect(printed()).toContain(`What ${address} shows as its checkpoint is none`);
  await new Promise((done) => server.close(done));
});

test('a file that is not there, or a folder, is said by its name, whatever it was to be', async () => {
  const [none, folder] = [join(dir, 'none'), join(dir, 'folder')];
  mkdirSync(folder);
  const anchors = join(dir, 'anchors.json');
  writeFileSync(anchors, '{}');
  const inHome = ['--directory', dir, '--anchors', anchors];
  for (const command of [
    ['evidence', 'verify', none, '--anchors', anchors],
    ['proof', 'verify', none, ...inHome],
    ['audit', 'sample', '--logs', none],
    ['policy', 'check', none, ...inHome],
    ['doctor', '--env', none],
    ['directory', 'export', none],
  ]) {
    Object.assign(said, { out: '', err: '' });
    expect(await runProgram(command)).toBe(2);
    expect(printed()).toContain(`There is no file ${none}.`);
  }
  expect(await runProgram(['evidence', 'verify', folder, '--anchors', anchors])).toBe(2);
  expect(printed()).toContain(`${folder} is a folder, and a file is needed.`);
  expect(
    await runProgram(['evidence', 'attest', anchors, '--anchors', await anchorsOf(), '--log', dir]),
  ).toBe(2);
  expect(printed()).toContain('it is no evidence file, or not a whole one');
  expect(await runProgram(['evidence', 'verify', anchors, '--anchors', none])).toBe(2);
  expect(printed()).toContain(`there is no file of trust anchors ${none}`);
});

test('what stands in a file that was named by mistake is not shown: it may be a secret', async () => {
  const secret = 'SUAGS3CR3T';
  const file = join(dir, 'secret');
  const evidence = join(dir, 'x.evidence');
  writeFileSync(evidence, '');
  for (const text of [
    secret,
    `"${secret}" "${secret}`,
    `${secret}\n`.repeat(50),
    `{"seed": ${secret}}`,
    `["${secret}`,
  ]) {
    writeFileSync(file, text);
    const place = ['--nation', 'DE', '--log', dir, '--vkey', vkeyOf(ORIGIN), '--archive', dir];
    for (const command of [
      ['evidence', 'verify', evidence, '--anchors', file],
      ['audit', 'sample', '--logs', file],
      ['audit', 'verify', ...place, '--anchors', await anchorsOf(), '--state', file],
    ]) {
      Object.assign(said, { out: '', err: '' });
      expect(await runProgram(command)).toBe(2);
      expect(printed()).toContain(file);
      expect(printed()).not.toMatch(/SUAG|S3CR/);
    }
  }
});

test('a time that ends before it begins is no report of a time in which nothing happened', async () => {
  const log = new TestLog(join(dir, 'log'));
  await log.grow({});
  const place = ['--nation', 'DE', '--log', log.at, '--vkey', vkeyOf(ORIGIN), '--archive', dir];
  for (const to of ['2026-11-30', '2026-12-01'])
    expect(await runProgram(['audit', 'report', ...place, '--from', '2026-12-01', '--to', to])).toBe(2);
  expect(printed()).toContain('has to be later than --from');
  expect(await runProgram(['audit', 'report', ...place, '--to', '2026-02-30'])).toBe(2);
  expect(printed()).toContain('"2026-02-30" is no day');
  const whatIf = (...asked: string[]) => runProgram(['policy', 'what-if', ...place, '--pack', ...asked]);
  expect(await whatIf(packsDir, '--from', '2026-12-01', '--to', '2026-11-30')).toBe(2);
  expect(printed()).toContain('--to names the last day, and cannot be earlier than --from');
  expect(await runProgram(['audit', 'report', ...place, '--html', join(dir, 'none', 'x.html')])).toBe(2);
  expect(printed()).toContain(`There is no folder ${join(dir, 'none')}.`);
});

test('what is no pack of rules is said by its name', async () => {
  const log = new TestLog(join(dir, 'log'));
  await log.grow({});
  const [none, other] = [join(dir, 'proposed'), join(dir, 'other.pack')];
  writeFileSync(other, 'no pack');
  const place = ['--nation', 'DE', '--log', log.at, '--vkey', vkeyOf(ORIGIN), '--archive', dir];
  expect(await runProgram(['policy', 'what-if', ...place, '--pack', none])).toBe(2);
  expect(printed()).toContain(`There is no ${none}: a signed .pack file or a folder of rules is needed.`);
  for (const command of [
    ['what-if', ...place, '--pack', other],
    ['check', other, '--directory', dir, '--anchors', await anchorsOf()],
  ]) {
    Object.assign(said, { out: '', err: '' });
    expect(await runProgram(['policy', ...command])).toBe(2);
    expect(printed()).toContain(`${other} is no signed pack, or not a whole one.`);
  }
  expect(await runProgram(['directory', 'export', other])).toBe(2);
  expect(printed()).toContain(`${other} is no signed list of nations, or not a whole one.`);
});
