import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openQuarantine } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureSaid } from '../fixture/capture-said.js';
import { runProgram } from '../program.js';
import { quarantinedOf } from './gate-quarantine.js';

const CASE = 'c'.repeat(32);
const said = captureSaid();
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-folder-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function folderWith(name: string, ...names: readonly string[]): string {
  const folder = join(dir, name);
  mkdirSync(folder);
  for (const one of names)
    if (one.endsWith('/')) mkdirSync(join(folder, one));
    else writeFileSync(join(folder, one), '');
  return folder;
}
const hold = (folder: string, caseId = CASE) =>
  runProgram([
    'retention',
    'hold',
    caseId,
    '--data',
    folder,
    '--reason',
    'file 17',
    '--proposed-by',
    'unit 4',
  ]);
const list = (folder: string) => runProgram(['quarantine', 'list', '--folder', folder]);

test('a legal hold is not laid where no ledger and no gate would read it, and nothing is said to be in no quarantine', async () => {
  const gate = folderWith('gate', 'archive/', 'quarantine/');
  const edge = folderWith('edge', 'edge.sqlite', 'quarantine/');
  const other = folderWith('other', 'notes.txt');
  for (const [folder, words] of [
    [gate, `it has a folder ${join(gate, 'quarantine')}`],
    [edge, `${edge} is of an edge, which looks for no such file: name it with --member`],
    [other, `${other} is neither the DATA_DIR of a ledger nor the QUARANTINE_DIR of a gate.`],
    [join(other, 'notes.txt'), 'is a file, and a folder is needed'],
    [join(dir, 'none'), `There is no folder ${join(dir, 'none')}.`],
  ] as const) {
    Object.assign(said, { out: '', err: '' });
    expect(await hold(folder)).toBe(2);
    expect(said.err).toContain(words);
    expect(existsSync(join(folder, 'legal-hold.json'))).toBe(false);
    expect(await list(folder)).toBe(2);
    expect(said.out).toBe('');
  }
  expect(said.err).toContain(`There is no folder ${join(dir, 'none')}`);
  expect(await hold(join(edge, 'quarantine'))).toBe(2);
  expect(existsSync(join(edge, 'quarantine', 'legal-hold.json'))).toBe(false);
  await list(edge);
  expect(said.err).toContain(
    `no quarantine of a gate or an edge; it has a folder ${join(edge, 'quarantine')}.`,
  );
});

test('it is laid at a ledger and at a gate, whatever that has in quarantine', async () => {
  const kept = folderWith('kept');
  const message = { source: 'isp.fr', subject: 'x', bytes: Buffer.from('x') };
  openQuarantine(kept).keep(CASE, message, new Error('a fault'), 0);
  const was = folderWith('was');
  const emptied = openQuarantine(was);
  emptied.keep(CASE, message, new Error('a fault'), 0);
  await emptied.inTurn(async () => emptied.drop(CASE));
  expect(readdirSync(was)).not.toEqual([]);
  expect(await list(was)).toBe(0);
  for (const folder of [
    folderWith('ledger', 'database.json', 'ledger.sqlite', 'log/'),
    folderWith('empty', 'lost+found/'),
    kept,
    was,
  ]) {
    expect(await hold(folder)).toBe(0);
    expect(existsSync(join(folder, 'legal-hold.json'))).toBe(true);
  }
  expect(await list(kept)).toBe(0);
});

test('it is of a case: what is no id of one is not held', async () => {
  const ledger = folderWith('ledger', 'ledger.sqlite');
  for (const caseId of [CASE.slice(1), CASE.toUpperCase(), 'court-17']) {
    expect(await hold(ledger, caseId)).toBe(2);
    expect(said.err).toContain(`"${caseId}" is no id of a case: 32 hex digits`);
  }
  expect(existsSync(join(ledger, 'legal-hold.json'))).toBe(false);
});

test('what this user may not look at is not said to be missing, nor to hold nothing', async () => {
  const closed = join(dir, 'closed');
  symlinkSync(closed, closed);
  for (const command of [
    ['quarantine', 'list', '--folder', closed],
    ['retention', 'hold', CASE, '--data', closed, '--proposed-by', 'unit 4'],
    ['backup', '--data', closed, '--out', join(dir, 'copy.sqlite')],
    ['ledger', 'cancel', '--data', closed],
  ]) {
    Object.assign(said, { out: '', err: '' });
    expect([command, await runProgram(command)]).toEqual([command, 2]);
    expect(said.err).toContain(`This user cannot look at ${closed}`);
  }
  expect(() => quarantinedOf(closed, CASE)).toThrow('This user cannot look at');
});

test('nothing is laid down for a ledger where there is none', async () => {
  const sign = (folder: string) =>
    runProgram([
      'ledger',
      'sign',
      '--days',
      '90',
      '--log-days',
      '900',
      '--proposed-by',
      'x',
      '--data',
      folder,
    ]);
  const gate = folderWith('gate', 'archive/');
  expect(await sign(gate)).toBe(2);
  expect(said.err).toContain(`${gate} is not the DATA_DIR of a ledger.`);
  expect(existsSync(join(gate, 'retention.json'))).toBe(false);
  const first = folderWith('first');
  expect(await sign(first)).toBe(0);
  // Before the ledger is started: once more, with another word, and a case to be held from the beginning.
  expect(await sign(first)).toBe(0);
  expect(await hold(first)).toBe(0);
  expect(await sign(folderWith('ledger', 'ledger.lock'))).toBe(0);
});
