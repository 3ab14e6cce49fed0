import { createHash } from 'node:crypto';
import { LIMITS, type wire } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import { signCheckpoint } from './checkpoint.js';
import { find, hash, logged, NOW, recordOf, testLedger } from './fixture/test-ledger.js';
import { formatProof, parseProof } from './proof.js';
import { verifyEntry, verifyLeaf } from './verify-entry.js';

const SKEW = LIMITS.skewMs;
const de = testLedger('entente.example/de/2025');
const fr = testLedger('entente.example/fr/2025');
const records = ['a', 'b', 'c', 'd', 'e'].map((message) => recordOf(message));
const entry = await logged(de, records, 2);

const codeOf = (changed: wire.EntryFrame, findLedger = find(de)): string | undefined => {
  try {
    verifyEntry(changed, findLedger);
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code ?? `no code: ${String(error)}`;
  }
};
const flip = (bytes: Uint8Array, at: number) => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
};
const withProof = (change: Partial<ReturnType<typeof parseProof>>) => ({
  ...entry,
  proof: Buffer.from(formatProof({ ...parseProof(entry.proof), ...change })),
});

describe('verifyEntry', () => {
  test('gives what is proved: the log, the place, the time and the record', () => {
    const verified = verifyEntry(entry, find(fr, de));
    expect(verified).toMatchObject({ origin: de.origin, index: 2 });
    expect(verified.leaf).toMatchObject({ event: 'crossing', timeMs: NOW + 2 });
    expect(Buffer.from(verified.record.messageHash)).toEqual(hash('c'));
  });

  test('verifies every entry of a log, and the only entry of one', async () => {
    for (const index of records.keys()) {
      expect(verifyEntry(await logged(de, records, index), find(de)).index).toBe(index);
    }
    expect(verifyEntry(await logged(de, records.slice(0, 1)), find(de)).index).toBe(0);
  });

  test('is not fooled by a key that it has seen under another version of the ledger', () => {
    expect(codeOf(entry, () => ({ ...de }))).toBeUndefined();
    expect(codeOf(entry, () => ({ origin: de.origin, vkey: fr.vkey }))).toBe('note-unsigned');
    expect(codeOf(entry, () => ({ ...de }))).toBeUndefined();
  });
});

describe('verifyEntry refuses', () => {
  test.each<[string, object, string | undefined]>([
    ['at its first and its last millisecond', { validFromMs: NOW, validUntilMs: NOW + 1 }, undefined],
    ['within the skew of clocks', { validFromMs: NOW + SKEW, validUntilMs: NOW + 2 * SKEW }, undefined],
    ['within the skew after its end', { validUntilMs: NOW - SKEW + 1 }, undefined],
    ['before its time', { validFromMs: NOW + SKEW + 1 }, 'log-not-valid'],
    ['after its time', { validUntilMs: NOW - SKEW }, 'log-not-valid'],
  ])('an entry of a log whose time it is not: %s', async (_when, validity, code) => {
    const first = await logged(de, records, 0);
    const find = () => ({ ...de, ...validity });
    expect(codeOf(first, find)).toBe(code);
    const withoutRecord = { leaf: first.leaf, proof: first.proof };
    if (code === undefined) expect(verifyLeaf(withoutRecord, find)).toMatchObject({ index: 0 });
    else expect(() => verifyLeaf(withoutRecord, find)).toThrow(expect.objectContaining({ code }));
  });

  test('a log that is not trusted here', () => {
    expect(codeOf(entry, find(fr))).toBe('checkpoint-wrong-origin');
    expect(codeOf(entry, find())).toBe('checkpoint-wrong-origin');
  });

  test('a checkpoint of another log, found under the wrong name', () => {
    expect(codeOf(entry, () => ({ origin: fr.origin, vkey: fr.vkey }))).toBe('note-unsigned');
  });

  test("a checkpoint in this log's name that another ledger signed", async () => {
    const forger = { ...fr, origin: de.origin };
    expect(codeOf(await logged(forger, records, 2))).toBe('note-unsigned');
  });

  test('a checkpoint that somebody with a key of the same name signed', async () => {
    const forged = await logged(testLedger(de.origin), records, 2);
    expect(codeOf(forged)).toBe('note-unsigned');
  });

  test('a checkpoint whose signature was changed', () => {
    const { checkpoint } = parseProof(entry.proof);
    const [, line = ''] = checkpoint.split(`— ${de.origin} `);
    const signature = flip(Buffer.from(line, 'base64'), 40).toString('base64');
    const changed = checkpoint.replace(line.trim(), signature);
    expect(codeOf(withProof({ checkpoint: changed }))).toBe('note-signature-invalid');
  });

  test('a checkpoint whose size was changed', () => {
    const { checkpoint } = parseProof(entry.proof);
    expect(codeOf(withProof({ checkpoint: checkpoint.replace('\n5\n', '\n6\n') }))).toBe(
      'note-signature-invalid',
    );
  });

  test('another place, a shorter path, a longer one, and a changed one', () => {
    const { hashes } = parseProof(entry.proof);
    expect(codeOf(withProof({ index: 3 }))).toBe('inclusion-invalid');
    expect(codeOf(withProof({ index: 5 }))).toBe('inclusion-invalid');
    expect(codeOf(withProof({ hashes: hashes.slice(1) }))).toBe('inclusion-invalid');
    expect(codeOf(withProof({ hashes: [...hashes, hash('more')] }))).toBe('inclusion-invalid');
    expect(codeOf(withProof({ hashes: hashes.map((node) => flip(node, 0)) }))).toBe('inclusion-invalid');
  });

  test('the proof of another entry of the same log, and of an older state without it', async () => {
    const other = await logged(de, records, 1);
    expect(codeOf({ ...entry, proof: other.proof })).toBe('inclusion-invalid');
    const older = await logged(de, records.slice(0, 2), 1);
    expect(codeOf({ ...entry, proof: older.proof })).toBe('inclusion-invalid');
  });

  test('a checkpoint of an empty log', async () => {
    const empty = { origin: de.origin, size: 0, root: createHash('sha256').digest() };
    const checkpoint = await signCheckpoint(empty, [de.signer]);
    expect(codeOf(withProof({ index: 0, hashes: [], checkpoint }))).toBe('inclusion-invalid');
  });

  test('a changed leaf, whichever byte', () => {
    for (let at = 0; at < entry.leaf.length; at++) {
      expect(codeOf({ ...entry, leaf: flip(entry.leaf, at) }), `byte ${at}`).toBe('inclusion-invalid');
    }
  });

  test('a changed record and a changed salt, whichever byte', () => {
    for (let at = 0; at < entry.record.length; at++) {
      expect(codeOf({ ...entry, record: flip(entry.record, at) }), `byte ${at}`).toBe('commitment-wrong');
    }
    for (let at = 0; at < entry.salt.length; at++) {
      expect(codeOf({ ...entry, salt: flip(entry.salt, at) }), `byte ${at}`).toBe('commitment-wrong');
    }
  });

  test('the record of another entry', () => {
    expect(codeOf({ ...entry, record: records[1] as Uint8Array })).toBe('commitment-wrong');
  });

  test('bytes that were moved between salt and record', () => {
    // The hash is the same: only the length of the salt tells where the record begins.
    const both = Buffer.concat([entry.salt, entry.record]);
    for (const at of [0, 15, 17, both.length]) {
      const moved = { ...entry, salt: both.subarray(0, at), record: both.subarray(at) };
      expect(codeOf(moved)).toBe('commitment-wrong');
    }
  });

  test('a record that is erased', () => {
    expect(codeOf({ ...entry, record: new Uint8Array(), salt: new Uint8Array() })).toBe('commitment-wrong');
  });

  test('a leaf that was logged, and is none', async () => {
    const commitment = hash('anything');
    const leaf = await logged(de, records, 2, { commitment });
    expect(codeOf(leaf)).toBe('commitment-wrong');
    expect(codeOf(await logged(de, records, 2, { commitment: new Uint8Array() }))).toBe('commitment-wrong');
  });

  test.each<[string, Partial<wire.EntryFrame>]>([
    ['no proof', { proof: new Uint8Array() }],
    ['a proof that is garbage', { proof: Buffer.from('garbage') }],
    ['a proof that is not UTF-8', { proof: Buffer.alloc(100, 0xff) }],
    ['a proof without a checkpoint', { proof: entry.proof.subarray(0, 60) }],
    ['a proof cut off', { proof: entry.proof.subarray(0, -10) }],
    ['a proof that is huge', { proof: Buffer.alloc(2_000_000, 'a') }],
    ['nothing at all', { leaf: new Uint8Array(), salt: new Uint8Array(), record: new Uint8Array() }],
  ])('%s', (_what, change) => {
    expect(codeOf({ ...entry, ...change })).toMatch(/malformed|too-large|unsigned|inclusion-invalid/);
  });
});
