import { describe, expect, test } from 'vitest';
import { openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { codeOf, codeOfPromise } from './fixture/code-of.js';
import { testSigner } from './fixture/test-signer.js';
import { emptyRoot, leafHash } from './merkle.js';
import { parseNote } from './note.js';
import { signNote } from './sign-note.js';

const ORIGIN = 'example.com/behind-the-sofa';
const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const TEXT = `${ORIGIN}\n20852163\n${ROOT}\n`;
const CHECKPOINT = { origin: ORIGIN, size: 20852163, root: Buffer.from(ROOT, 'base64') };
const EMPTY = emptyRoot().toString('base64');
const signer = testSigner(ORIGIN);

describe('a checkpoint that was opened before', () => {
  test('opens nothing else: not with another signature, under another key or for another origin', async () => {
    const note = await signCheckpoint(CHECKPOINT, [signer]);
    const other = testSigner(ORIGIN);
    for (let again = 0; again < 3; again++) {
      expect(openCheckpoint(note, signer.key, ORIGIN)).toEqual(CHECKPOINT);
      const forged = note.replace(/.{3}=\n$/, 'AAA=\n');
      expect(codeOf(() => openCheckpoint(forged, signer.key, ORIGIN))).toBe('note-signature-invalid');
      const larger = note.replace('20852163', '20852164');
      expect(codeOf(() => openCheckpoint(larger, signer.key, ORIGIN))).toBe('note-signature-invalid');
      expect(codeOf(() => openCheckpoint(note, other.key, ORIGIN))).toBe('note-unsigned');
      expect(codeOf(() => openCheckpoint(note, signer.key, 'example.com/another'))).toBe(
        'checkpoint-wrong-origin',
      );
    }
  });

  test('is remembered among the newest, and opens as before when it is not', async () => {
    const notes = await Promise.all(
      Array.from({ length: 100 }, (_, size) => signCheckpoint({ ...CHECKPOINT, size: size + 1 }, [signer])),
    );
    for (const [i, note] of [...notes, ...notes].entries())
      expect(openCheckpoint(note, signer.key, ORIGIN).size).toBe((i % 100) + 1);
  });
});

describe('parseCheckpoint', () => {
  test('reads the example of C2SP tlog-checkpoint and writes it back the same', async () => {
    const note =
      `${TEXT}\n— example.com/behind-the-sofa ` +
      'Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';
    const { text, signatures } = parseNote(note);
    expect(parseCheckpoint(text)).toEqual(CHECKPOINT);
    expect(signatures[0]).toMatchObject({ name: ORIGIN, keyId: '033de0ae' });
    expect(parseNote(await signCheckpoint(CHECKPOINT, [signer])).text).toBe(text);
  });

  test('reads the checkpoint of a tree without leaves', () => {
    expect(parseCheckpoint(`${ORIGIN}\n0\n${EMPTY}\n`)).toEqual({
      origin: ORIGIN,
      size: 0,
      root: emptyRoot(),
    });
  });

  test('reads over extension lines, which other logs may write', () => {
    expect(parseCheckpoint(`${TEXT}extension 1\nextension 2\n`)).toEqual(CHECKPOINT);
  });

  test.each([
    ['without an origin', `\n5\n${ROOT}\n`],
    ['without a root', `${ORIGIN}\n5\n`],
    ['without a size', `${ORIGIN}\n${ROOT}\n`],
    ['with nothing in it', ''],
    ['without a final newline', TEXT.slice(0, -1)],
    ['with an empty line at the end', `${TEXT}\n`],
    ['with an empty line in between', `${ORIGIN}\n\n5\n${ROOT}\n`],
    ['with a size with a leading zero', `${ORIGIN}\n05\n${ROOT}\n`],
    ['with a size of two zeros', `${ORIGIN}\n00\n${EMPTY}\n`],
    ['with a negative size', `${ORIGIN}\n-5\n${ROOT}\n`],
    ['with a signed size', `${ORIGIN}\n+5\n${ROOT}\n`],
    ['with a fractional size', `${ORIGIN}\n5.0\n${ROOT}\n`],
    ['with a size in exponents', `${ORIGIN}\n5e3\n${ROOT}\n`],
    ['with a hexadecimal size', `${ORIGIN}\n0x5\n${ROOT}\n`],
    ['with an empty size', `${ORIGIN}\n\n${ROOT}\n`],
    ['with a space before its size', `${ORIGIN}\n 5\n${ROOT}\n`],
    ['with a size in other digits', `${ORIGIN}\n٥\n${ROOT}\n`],
    ['with a size of 2^53', `${ORIGIN}\n9007199254740992\n${ROOT}\n`],
    ['with a size beyond 64 bits', `${ORIGIN}\n18446744073709551616\n${ROOT}\n`],
    ['with a short root', `${ORIGIN}\n5\n${Buffer.alloc(31).toString('base64')}\n`],
    ['with a long root', `${ORIGIN}\n5\n${Buffer.alloc(33).toString('base64')}\n`],
    ['with a root in base64url', `${ORIGIN}\n5\n${ROOT.replace('/', '_')}\n`],
    ['with a root without padding', `${ORIGIN}\n5\n${ROOT.slice(0, -1)}\n`],
    ['with other bits under the padding of its root', `${ORIGIN}\n5\n${ROOT.replace('I=', 'J=')}\n`],
    ['with no leaves but a root', `${ORIGIN}\n0\n${ROOT}\n`],
    ['with carriage returns', TEXT.replaceAll('\n', '\r\n')],
  ])('refuses a checkpoint %s', (_, text) => {
    expect(codeOf(() => parseCheckpoint(text))).toBe('checkpoint-malformed');
  });
});

describe('signCheckpoint', () => {
  test.each([
    { ...CHECKPOINT, origin: '' },
    { ...CHECKPOINT, origin: 'a\nb' },
    { ...CHECKPOINT, size: -1 },
    { ...CHECKPOINT, size: 1.5 },
    { ...CHECKPOINT, size: 2 ** 53 },
    { ...CHECKPOINT, size: Number.NaN },
    { ...CHECKPOINT, root: Buffer.alloc(31) },
    { ...CHECKPOINT, size: 0 },
  ])('refuses to write %j', async (checkpoint) => {
    const signed = async () => await signCheckpoint(checkpoint, [signer]);
    expect(await codeOfPromise(signed())).toBe('checkpoint-malformed');
  });
});

describe('openCheckpoint', () => {
  test('opens what signCheckpoint made', async () => {
    const note = await signCheckpoint(CHECKPOINT, [signer]);
    expect(openCheckpoint(note, signer.key, ORIGIN)).toEqual(CHECKPOINT);
    expect(openCheckpoint(Buffer.from(note), signer.key, ORIGIN)).toEqual(CHECKPOINT);
  });

  test('refuses another log’s checkpoint, signed by the same key', async () => {
    const note = await signCheckpoint({ ...CHECKPOINT, origin: 'example.com/2025' }, [signer]);
    expect(codeOf(() => openCheckpoint(note, signer.key, 'example.com/2026'))).toBe(
      'checkpoint-wrong-origin',
    );
    expect(codeOf(() => openCheckpoint(note, signer.key, 'example.com/202'))).toBe('checkpoint-wrong-origin');
  });

  test('refuses a checkpoint of another key with the same name', async () => {
    const note = await signCheckpoint(CHECKPOINT, [testSigner(ORIGIN)]);
    expect(codeOf(() => openCheckpoint(note, signer.key, ORIGIN))).toBe('note-unsigned');
  });

  test('refuses a changed size or root', async () => {
    const note = await signCheckpoint(CHECKPOINT, [signer]);
    const root = leafHash(Buffer.of(1)).toString('base64');
    expect(codeOf(() => openCheckpoint(note.replace('\n2', '\n3'), signer.key, ORIGIN))).toBe(
      'note-signature-invalid',
    );
    expect(codeOf(() => openCheckpoint(note.replace(ROOT, root), signer.key, ORIGIN))).toBe(
      'note-signature-invalid',
    );
  });

  test('refuses a good signature over a note that is no checkpoint', async () => {
    const note = await signNote(`${ORIGIN}\n007\n${ROOT}\n`, [signer]);
    expect(codeOf(() => openCheckpoint(note, signer.key, ORIGIN))).toBe('checkpoint-malformed');
  });

  test('is not given a nonsensical checkpoint by signCheckpoint', async () => {
    const code = await codeOfPromise(
      Promise.resolve().then(() => signCheckpoint({ ...CHECKPOINT, size: -1 }, [signer])),
    );
    expect(code).toBe('checkpoint-malformed');
  });
});
