import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVkey, parseVkey, signCheckpoint } from '@entente/audit';
import { openDatabase } from '@entente/runtime';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LEDGER_SCHEMA } from '../history/open-records.js';
import { checkYear } from './check-year.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-year-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const OF_2026 = 'entente.example/de/2026';
const END = Date.parse('2027-01-01T00:00:00Z');

/** Lays down what the doctor reads of a ledger's database: its checkpoint. */
async function writeOn(origin: string): Promise<void> {
  const { publicJwk, signBytes } = await createSigner(await generateKey('Ed25519'));
  const key = parseVkey(formatVkey(origin, Buffer.from(String(publicJwk.x), 'base64url')));
  const note = await signCheckpoint({ origin, size: 1, root: Buffer.alloc(32) }, [{ key, sign: signBytes }]);
  const rest = Array<string>(LEDGER_SCHEMA - 1).fill('');
  const database = openDatabase(join(dir, 'ledger.sqlite'), ['CREATE TABLE head (note TEXT)', ...rest]);
  database.prepare('INSERT INTO head VALUES (?)').run(note);
  database.close();
}

const found = (nowMs: number) => {
  const all: (string | undefined)[][] = [];
  checkYear({ ORIGIN: OF_2026, DATA_DIR: dir }, nowMs, (what, state, detail) =>
    all.push([what, state, detail]),
  );
  return all;
};

test('a log whose year is over is a warning, by the name of the log that is written on', async () => {
  await writeOn(OF_2026);
  expect(found(END - 1)).toEqual([]);
  expect(found(END)).toEqual([['year of the log', 'warning', expect.stringContaining(OF_2026)]]);
  rmSync(dir, { recursive: true });
  await writeOn('entente.example/de/2027');
  expect(found(END)).toEqual([]);
});

test('nothing is said of a ledger that has no log yet', () => {
  expect(found(END)).toEqual([]);
});
