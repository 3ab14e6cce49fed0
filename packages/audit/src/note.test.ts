import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { testSigner } from './fixture/test-signer.js';
import { openNote, parseNote } from './note.js';
import { parseVkey } from './note-key.js';
import { formatNote, signNote } from './sign-note.js';

// The example of Go's sumdb/note.
const PETER = parseVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
const TEXT =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n";
const SIGNATURE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const NOTE = `${TEXT}\n${SIGNATURE}`;
// The example of C2SP signed-note, whose key the document does not give.
const SALVATORE =
  'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n' +
  '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n';
const CORRUPTED = SIGNATURE.replace('RyyBwJnAM=', 'RyyBwJnBM=');
const STRANGER = '— Stranger AAAAAAE=\n';

describe('openNote', () => {
  test('opens the example note, as text and as bytes', () => {
    expect(openNote(NOTE, [PETER])).toEqual({ text: TEXT, signedBy: [PETER] });
    expect(openNote(Buffer.from(NOTE), [PETER]).text).toBe(TEXT);
  });

  test('ignores signatures of unknown keys, which may share a name or an id with a known one', () => {
    const [encoded] = SIGNATURE.split(' ').slice(2);
    const other = testSigner('PeterNeumann').key;
    const sameName = `— PeterNeumann ${Buffer.from(`${other.id}00`, 'hex').toString('base64')}\n`;
    const sameId = `— Stranger ${encoded}`;
    expect(openNote(NOTE + STRANGER + sameName + sameId, [PETER]).signedBy).toEqual([PETER]);
  });

  test('names a key once that signed twice', () => {
    expect(openNote(NOTE + SIGNATURE, [PETER]).signedBy).toEqual([PETER]);
  });

  test('names all known keys that signed', async () => {
    const [a, b, c] = ['a.example', 'b.example', 'c.example'].map(testSigner);
    if (a === undefined || b === undefined || c === undefined) {
      throw new Error('unreachable');
    }
    const note = await signNote('hello\n', [a, b]);
    expect(openNote(note, [c.key, b.key, a.key]).signedBy).toEqual([a.key, b.key]);
  });

  test('accepts 64 signatures and refuses 65', () => {
    expect(codeOf(() => openNote(NOTE + STRANGER.repeat(63), [PETER]))).toBeUndefined();
    expect(codeOf(() => openNote(NOTE + STRANGER.repeat(64), [PETER]))).toBe('too-large');
  });

  test('accepts a note of 1,000,000 bytes and refuses one byte more', () => {
    const padded = (bytes: number) =>
      `${TEXT}\n${'— Stranger '}${'A'.repeat(bytes - Buffer.byteLength(`${TEXT}\n— Stranger \n${SIGNATURE}`))}\n${SIGNATURE}`;
    const base = 1_000_000 - ((1_000_000 - Buffer.byteLength(`${TEXT}\n— Stranger \n${SIGNATURE}`)) % 4);
    expect(codeOf(() => openNote(padded(base), [PETER]))).toBeUndefined();
    expect(codeOf(() => openNote(padded(1_000_001), [PETER]))).toBe('too-large');
  });

  test.each<[string, string | Buffer, string]>([
    ['with nothing in it', '', 'note-malformed'],
    ['without signatures', TEXT, 'note-malformed'],
    ['without signatures after the separator', `${TEXT}\n`, 'note-malformed'],
    ['without a separator', TEXT + SIGNATURE, 'note-malformed'],
    ['without a text', `\n${SIGNATURE}`, 'note-malformed'],
    ['without a final newline', NOTE.slice(0, -1), 'note-malformed'],
    ['with an empty line between signatures', `${NOTE}\n${SIGNATURE}`, 'note-signature-invalid'],
    ['with an empty line at the end', `${NOTE}\n`, 'note-malformed'],
    ['with a line that is no signature', `${NOTE}Unexpected line.\n`, 'note-malformed'],
    ['with a hyphen for the dash', NOTE.replace('—', '-'), 'note-malformed'],
    ['with a space in the name', NOTE.replace('— PeterN', '— Peter N'), 'note-malformed'],
    ['with a no-break space in the name', NOTE.replace('— PeterN', '— Peter\u00a0N'), 'note-malformed'],
    ['with a plus sign in the name', NOTE.replace('— PeterN', '— Peter+N'), 'note-malformed'],
    ['with an empty name', NOTE.replace('PeterNeumann', ''), 'note-malformed'],
    ['with two spaces before the signature', NOTE.replace('Neumann ', 'Neumann  '), 'note-malformed'],
    ['with a space after the signature', `${NOTE.slice(0, -1)} \n`, 'note-malformed'],
    ['with base64url', NOTE.replace('x08go/', 'x08go_'), 'note-malformed'],
    ['without padding', NOTE.replace('AM=', 'AM'), 'note-malformed'],
    ['with other bits under the padding', NOTE.replace('nAM=', 'nAN='), 'note-malformed'],
    ['with a signature of a key id only', `${TEXT}\n— PeterNeumann x08gow==\n`, 'note-malformed'],
    ['with an empty signature', `${TEXT}\n— PeterNeumann \n`, 'note-malformed'],
    ['with a carriage return', NOTE.replaceAll('\n', '\r\n'), 'note-malformed'],
    ['with a tab', `\t${NOTE}`, 'note-malformed'],
    ['with a zero byte', NOTE.replace('crypto', 'cryp\u0000to'), 'note-malformed'],
    ['that is not UTF-8', Buffer.concat([Buffer.of(0xff), Buffer.from(NOTE)]), 'note-malformed'],
    ['with a lone surrogate', `\ud800${NOTE}`, 'note-malformed'],
    ['with an overlong newline', Buffer.concat([Buffer.of(0xc0, 0x8a), Buffer.from(NOTE)]), 'note-malformed'],
    ['with another text', NOTE.replace('answer', 'Answer'), 'note-signature-invalid'],
    ['with a byte order mark', `\ufeff${NOTE}`, 'note-signature-invalid'],
    ['with an empty line more in the text', `${TEXT}\n\n${SIGNATURE}`, 'note-signature-invalid'],
    ['with a known key’s bad signature', `${TEXT}\n${CORRUPTED}`, 'note-signature-invalid'],
    ['with a bad signature after a good one', NOTE + CORRUPTED, 'note-signature-invalid'],
    ['with a bad signature before a good one', `${TEXT}\n${CORRUPTED}${SIGNATURE}`, 'note-signature-invalid'],
    ['with a known key’s short signature', `${TEXT}\n— PeterNeumann x08gowA=\n`, 'note-signature-invalid'],
    ['signed by an unknown key only', `${TEXT}\n${STRANGER}`, 'note-unsigned'],
    ['signed under another name', NOTE.replace('PeterNeumann', 'PaulNeumann'), 'note-unsigned'],
    ['with another key id', NOTE.replace('x08go', 'y08go'), 'note-unsigned'],
  ])('refuses a note %s', (_, note, code) => {
    expect(codeOf(() => openNote(note, [PETER]))).toBe(code);
  });

  test('refuses every note if no key is known', () => {
    expect(codeOf(() => openNote(NOTE, []))).toBe('note-unsigned');
  });

  test('takes a name for what it is, also when it looks like a pattern', async () => {
    const dots = testSigner('log.example');
    const note = (await signNote('hello\n', [dots])).replace('— log.example', '— logXexample');
    expect(codeOf(() => openNote(note, [dots.key]))).toBe('note-unsigned');
  });

  test('refuses a note in which any bit is flipped', () => {
    const bytes = Buffer.from(NOTE);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      expect(codeOf(() => openNote(flipped, [PETER]))).toMatch(/^note-/);
    }
  });
});

describe('parseNote', () => {
  test('reads the example of the format, whose text has an empty line of its own', () => {
    const { text, signatures } = parseNote(SALVATORE);
    expect(text.split('\n')).toHaveLength(5);
    expect(text.endsWith('ed è subito sera.\n')).toBe(true);
    expect(signatures).toHaveLength(1);
    expect(signatures[0]).toMatchObject({ name: 'quasimodo.example/salvatore', keyId: '367ba04b' });
    expect(signatures[0]?.signature).toHaveLength(64);
    expect(formatNote(text, signatures)).toBe(SALVATORE);
  });
});
