import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@entente/contract';
import { openQuarantine } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureSaid } from '../fixture/capture-said.js';
import { runProgram } from '../program.js';

const said = captureSaid();
let dir: string;
let id: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-drop-'));
  id = newId();
  const message = { source: 'FR', subject: 'cross.FR.DE.hotline_de', bytes: Buffer.from('x') };
  openQuarantine(folder()).keep(id, message, new Error(), 0);
  writeFileSync(join(dir, 'token'), 'a'.repeat(32), { mode: 0o600 });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const folder = () => join(dir, 'quarantine');
const WHY = ['--reason', 'mistake', '--reference', 'ticket 12/26', '--proposed-by', 'unit 4'];

/** Where nobody listens: whoever asks there fails otherwise. */
const edge = () => ['--edge', 'http://127.0.0.1:9', '--edge-token', join(dir, 'token')];
const drop = async (...args: string[]) =>
  await runProgram(['quarantine', 'drop', id, ...WHY, '--wait', '0', '--home', dir, ...args]);

test.each<[string, () => string[]]>([
  ['nowhere', () => []],
  ['in a folder and at an edge of another address', () => ['--folder', folder(), ...edge()]],
  ['at a gate and at an edge of another address', () => ['--nation', 'DE', ...edge()]],
  ['at an edge of the network and at one of another address', () => ['--member', 'isp.de', ...edge()]],
  ['in a folder and at an edge of the network', () => ['--folder', folder(), '--member', 'isp.de']],
  ['in a folder and at a gate', () => ['--folder', folder(), '--nation', 'DE']],
])('nothing is dropped %s: one place is named', async (_, where) => {
  expect(await drop(...where())).toBe(2);
  expect(said.err).toContain('Name one of --folder, --nation, --member and --edge.');
  expect(existsSync(join(folder(), 'erase'))).toBe(false);
  expect(openQuarantine(folder()).list()).toHaveLength(1);
});

test('nothing is ordered for a decision that is said in two lines', async () => {
  expect(await drop('--folder', folder(), '--reference', 'ticket\n12/26')).toBe(2);
  expect(said.err).toContain('on one line');
  expect(existsSync(join(folder(), 'erase'))).toBe(false);
  expect(await drop('--folder', folder())).toBe(1);
  expect(existsSync(join(folder(), 'erase', `${id}.json`))).toBe(true);
});
