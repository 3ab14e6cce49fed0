import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  appendLeaves,
  cosign,
  formatNote,
  formatVkey,
  formatWitnessVkey,
  leafHash,
  parseNote,
  parseVkey,
  parseWitnessPolicy,
  parseWitnessVkey,
  publishCheckpoint,
  readLogAt,
  readThrough,
  signCheckpoint,
  writeTiles,
} from '@entente/audit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkCosigned, readCosigned } from './check-cosigned.js';

const ORIGIN = 'entente.example/xx/2026';
const HONEST = Array.from({ length: 300 }, (_, i) => Buffer.from(`entry ${i}`));
const OTHER = HONEST.with(5, Buffer.from('another entry'));

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url');
  return { raw, sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) };
}
const [ledger, witness] = [newKey(), newKey()];
const vkey = formatVkey(ORIGIN, ledger.raw);
const witnessVkey = formatWitnessVkey('w.example', witness.raw);
const policy = parseWitnessPolicy(Buffer.from(`log ${vkey}\nwitness w ${witnessVkey}\nquorum w\n`));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-cosigned-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const treeOf = (entries: readonly Buffer[]) => appendLeaves(0, entries.map(leafHash), () => undefined);

/** The log's folder, as it is now. */
async function write(entries: readonly Buffer[]) {
  const { size, root, nodes } = treeOf(entries);
  const place = join(dir, 'log');
  mkdirSync(place);
  writeTiles(
    place,
    0,
    size,
    readThrough(nodes, () => undefined),
    (index) => entries[index],
  );
  const signer = { key: parseVkey(vkey), sign: ledger.sign };
  publishCheckpoint(place, await signCheckpoint({ origin: ORIGIN, size, root }, [signer]));
  return { read: readLogAt(place), size, root };
}

/** What a monitor shows, as a folder. */
async function show(entries: readonly Buffer[], by?: typeof witness, at = 'shown') {
  const { size, root } = treeOf(entries);
  const checkpoint = { origin: ORIGIN, size, root };
  const { text, signatures } = parseNote(
    await signCheckpoint(checkpoint, [{ key: parseVkey(vkey), sign: ledger.sign }]),
  );
  const cosigner = by && { key: parseWitnessVkey(witnessVkey), sign: by.sign };
  const lines = cosigner ? [await cosign(text, cosigner, Date.now())] : [];
  mkdirSync(join(dir, at, encodeURIComponent(ORIGIN)), { recursive: true });
  writeFileSync(
    join(dir, at, encodeURIComponent(ORIGIN), 'checkpoint'),
    formatNote(text, [...signatures, ...lines]),
  );
}

const check = async (log: Awaited<ReturnType<typeof write>>, asked = policy) => {
  const places = ['http://127.0.0.1:1', join(dir, 'shown'), join(dir, 'also')];
  return (await checkCosigned(await readCosigned(vkey, places), asked, log)).map(({ code }) => code);
};

describe('a log that is held against what witnesses have cosigned', () => {
  test.each([300, 299, 7])('continues it, from %i entries on', async (size) => {
    await show(HONEST.slice(0, size), witness);
    expect(await check(await write(HONEST))).toEqual([]);
  });

  test('went back: they saw more than it has', async () => {
    await show(HONEST, witness);
    expect(await check(await write(HONEST.slice(0, 299)))).toEqual(['witnesses-saw-more']);
  });

  test.each([300, 200])('has another history than they saw of %i entries', async (size) => {
    await show(HONEST.slice(0, size), witness);
    expect(await check(await write(OTHER))).toEqual(['consistency-invalid']);
  });

  test('is not cosigned, or nobody shows it, where the policy asks for one', async () => {
    const log = await write(HONEST);
    expect(await check(log)).toEqual(['quorum-missing']);
    await show(HONEST);
    expect(await check(log)).toEqual(['quorum-missing']);
    const none = parseWitnessPolicy(Buffer.from('quorum none\n'));
    expect(await check(log, none)).toEqual([]);
  });

  test('is cosigned enough where one of several monitors shows that, and found wanting where one shows more', async () => {
    await show(HONEST);
    await show(HONEST.slice(0, 200), witness, 'also');
    const log = await write(HONEST.slice(0, 299));
    expect(await check(log)).toEqual([]);
    writeFileSync(join(dir, 'shown', encodeURIComponent(ORIGIN), 'checkpoint'), '<html>sign in</html>');
    expect(await check(log)).toEqual([]);
    await show(HONEST, witness);
    expect(await check(log)).toEqual(['witnesses-saw-more']);
  });

  test.each([200, 299])(
    'has another history than one monitor shows of %i entries, though the witnesses saw its own',
    async (size) => {
      const log = await write(HONEST.slice(0, 299));
      await show(OTHER.slice(0, size));
      await show(HONEST.slice(0, 200), witness, 'also');
      expect(await check(log)).toEqual(['consistency-invalid']);
    },
  );

  test('that does not answer any more is no log with another history', async () => {
    await show(HONEST.slice(0, 200), witness);
    const silent = { ...(await write(HONEST)), read: readLogAt('http://127.0.0.1:1') };
    await expect(check(silent)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('is none that the policy names', async () => {
    await show(HONEST, witness);
    const elsewhere = formatVkey('entente.example/yy/2026', newKey().raw);
    const other = parseWitnessPolicy(Buffer.from(`log ${elsewhere}\nquorum none\n`));
    expect(await check(await write(HONEST), other)).toEqual(['log-not-in-policy']);
  });
});
