import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { type Cosigner, cosign, readCosignatures } from './cosignature.js';
import { codeOf, codeOfPromise } from './fixture/code-of.js';
import { testCosigner } from './fixture/test-cosigner.js';
import { testSigner } from './fixture/test-signer.js';
import { type NoteSignature, openNote, parseNote } from './note.js';
import { formatVkey, parseVkey } from './note-key.js';
import { formatNote } from './sign-note.js';
import { formatWitnessVkey, parseWitnessVkey } from './witness-key.js';

// A checkpoint of the public CT log arche2025h1 (staging), as published with the cosignatures of witnesses of the public network.
const PUBLISHED = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`;
const LOG = 'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f';
const REMORA = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2';
const WITNESSES = [
  'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
  'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  REMORA,
  'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
];

describe('a published checkpoint with cosignatures', () => {
  test('is read: the log has signed, and four witnesses have cosigned at their time', () => {
    const log = parseVkey(LOG);
    expect(openCheckpoint(PUBLISHED, log, log.name).size).toBe(1_432_088_532);
    const cosigned = readCosignatures(PUBLISHED, WITNESSES.map(parseWitnessVkey));
    expect(cosigned.map(({ witness }) => witness.name)).toEqual(WITNESSES.map((vkey) => vkey.split('+')[0]));
    expect(new Set(cosigned.map(({ timeMs }) => timeMs))).toEqual(new Set([0x6a122120 * 1000]));
  });

  test('holds for no other checkpoint, whatever in it is changed', () => {
    const known = [parseWitnessVkey(REMORA)];
    for (const [from, to] of [
      ['1432088532\n', '1432088533\n'],
      ['U7WM', 'U7WN'],
      ['arche2025h1.staging.ct.transparency.dev\n1', 'arche2025h2.staging.ct.transparency.dev\n1'],
      ['2net5wAAAABqEiEg', '2net5wAAAABqEiEh'],
    ])
      expect(codeOf(() => readCosignatures(PUBLISHED.replace(from ?? '', to ?? ''), known))).toBe(
        'cosignature-invalid',
      );
  });
});

describe('a witness key', () => {
  test('is read and written back the same, and is no key of a log', () => {
    for (const vkey of WITNESSES) {
      const key = parseWitnessVkey(vkey);
      const raw = Buffer.from(String(key.cosigning.export({ format: 'jwk' }).x), 'base64url');
      expect(formatWitnessVkey(key.name, raw)).toBe(vkey);
      expect(codeOf(() => parseVkey(vkey))).toBe('key-malformed');
    }
    expect(codeOf(() => parseWitnessVkey(LOG))).toBe('key-malformed');
  });
});

const CHECKPOINT = `log.example\n7\n${Buffer.alloc(32, 7).toString('base64')}\n`;
const witness = testCosigner('witness.example/w1');
const lineOf = async (by: Cosigner = witness, timeMs = 1_679_315_147_999) =>
  await cosign(CHECKPOINT, by, timeMs);
const noteWith = (...lines: readonly NoteSignature[]) => formatNote(CHECKPOINT, lines);

describe('cosign', () => {
  test('says at which second; it is read by its key', async () => {
    const note = noteWith(await lineOf());
    expect(readCosignatures(note, [witness.key])).toEqual([
      { witness: witness.key, timeMs: 1_679_315_147_000 },
    ]);
    expect(parseNote(note).signatures[0]?.signature.length).toBe(72);
  });

  test('signs exactly the bytes that C2SP writes', async () => {
    let signed: Uint8Array | undefined;
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url');
    await lineOf({
      key: parseWitnessVkey(formatWitnessVkey('w', raw)),
      sign: (bytes) => {
        signed = bytes;
        return sign(null, bytes, privateKey);
      },
    });
    expect(Buffer.from(signed ?? []).toString()).toBe(`cosignature/v1\ntime 1679315147\n${CHECKPOINT}`);
  });

  test('gives nothing from a signer with another key, and nothing for what is no checkpoint', async () => {
    const wrong = { key: witness.key, sign: testCosigner('x').sign };
    expect(await codeOfPromise(lineOf(wrong))).toBe('signer-failed');
    expect(await codeOfPromise(cosign('a\nb\n', witness, 0))).toBe('checkpoint-malformed');
  });
});

describe('readCosignatures', () => {
  test('leaves out unknown witnesses, and reads each known one once, at its earliest time', async () => {
    const other = testCosigner('witness.example/w2');
    const note = noteWith(
      await lineOf(other),
      await lineOf(witness, 2_000_000_000_000),
      await lineOf(witness, 1_000_000_000_000),
    );
    expect(readCosignatures(note, [witness.key])).toEqual([
      { witness: witness.key, timeMs: 1_000_000_000_000 },
    ]);
    expect(readCosignatures(note, [])).toEqual([]);
  });

  test('refuses a known line that does not hold, also beside a good one', async () => {
    const good = await lineOf();
    const bad = { ...good, signature: Buffer.from(good.signature).fill(1, 20, 21) };
    expect(codeOf(() => readCosignatures(noteWith(good, bad), [witness.key]))).toBe('cosignature-invalid');
  });

  test.each([
    ['without its time', (bytes: Buffer) => bytes.subarray(8)],
    ['with another time', (bytes: Buffer) => Buffer.concat([Buffer.alloc(8, 1), bytes.subarray(8)])],
    [
      'with a time beyond all calendars',
      (bytes: Buffer) => Buffer.concat([Buffer.alloc(8, 255), bytes.subarray(8)]),
    ],
    ['with one octet more', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
  ])('refuses a cosignature %s', async (_, change) => {
    const line = await lineOf();
    const note = noteWith({ ...line, signature: change(Buffer.from(line.signature)) });
    expect(codeOf(() => readCosignatures(note, [witness.key]))).toBe('cosignature-invalid');
  });

  test('refuses a time beyond all calendars, though it is signed', async () => {
    const line = await lineOf();
    const seconds = 8_640_000_000_001n;
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(seconds);
    const signature = await witness.sign(Buffer.from(`cosignature/v1\ntime ${seconds}\n${CHECKPOINT}`));
    const note = noteWith({ ...line, signature: Buffer.concat([time, signature]) });
    expect(codeOf(() => readCosignatures(note, [witness.key]))).toBe('cosignature-invalid');
  });

  test('refuses more signatures than a note may have, and a text that is no checkpoint', async () => {
    const line = await lineOf();
    const many = `${CHECKPOINT}\n${noteWith(line)
      .slice(CHECKPOINT.length + 1)
      .repeat(65)}`;
    expect(codeOf(() => readCosignatures(many, [witness.key]))).toBe('too-large');
    expect(codeOf(() => readCosignatures(formatNote('a\n', [line]), [witness.key]))).toBe(
      'checkpoint-malformed',
    );
  });

  test('a log keeps its note with lines of witnesses; a cosignature is never a signature of a log', async () => {
    const log = testSigner('log.example');
    const at = { origin: 'log.example', size: 7, root: Buffer.alloc(32, 7) };
    const { text, signatures } = parseNote(await signCheckpoint(at, [log]));
    const note = formatNote(text, [...signatures, await lineOf()]);
    expect(openCheckpoint(note, log.key, 'log.example').size).toBe(7);
    const raw = Buffer.from(String(witness.key.cosigning.export({ format: 'jwk' }).x), 'base64url');
    const asLog = parseVkey(formatVkey(witness.key.name, raw));
    expect(codeOf(() => openNote(note, [asLog]))).toBe('note-unsigned');
  });
});
