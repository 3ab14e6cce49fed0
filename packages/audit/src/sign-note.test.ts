import { createPrivateKey, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { codeOf, codeOfPromise } from './fixture/code-of.js';
import { testSigner } from './fixture/test-signer.js';
import { openNote, parseNote } from './note.js';
import { parseVkey } from './note-key.js';
import { formatNote, signNote } from './sign-note.js';

const signer = testSigner('log.example');

describe('signNote', () => {
  test('gives the example note of sumdb/note, byte for byte, from its published private key', async () => {
    const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const peter = {
      key: parseVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'),
      sign: (bytes: Uint8Array) => sign(null, bytes, privateKey),
    };
    const text =
      'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n";
    expect(await signNote(text, [peter])).toBe(
      `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`,
    );
  });

  test('awaits a signer that answers later, and keeps the order of the signers', async () => {
    const slow = testSigner('slow.example');
    const later = {
      key: slow.key,
      sign: async (bytes: Uint8Array) => {
        await new Promise((resolve) => setImmediate(resolve));
        return slow.sign(bytes);
      },
    };
    const note = await signNote('hello\n', [later, signer]);
    expect(openNote(note, [signer.key, later.key]).signedBy).toEqual([later.key, signer.key]);
  });

  test.each(['', 'hello', 'a\tb\n', 'a\r\n', '\ud800\n'])('refuses to sign the text %j', async (text) => {
    expect(await codeOfPromise(signNote(text, [signer]))).toBe('note-malformed');
  });

  test('signs a text with empty lines, even at its end', async () => {
    const note = await signNote('a\n\nb\n\n', [signer]);
    expect(openNote(note, [signer.key]).text).toBe('a\n\nb\n\n');
  });

  test('refuses to make a note without signatures', async () => {
    expect(await codeOfPromise(signNote('hello\n', []))).toBe('note-malformed');
  });

  test('does not publish a signature that does not hold', async () => {
    const wrong = { key: signer.key, sign: testSigner('log.example').sign };
    const short = { key: signer.key, sign: () => Buffer.alloc(63) };
    expect(await codeOfPromise(signNote('hello\n', [wrong]))).toBe('signer-failed');
    expect(await codeOfPromise(signNote('hello\n', [signer, short]))).toBe('signer-failed');
  });

  test('keeps the error of the signer as the cause', async () => {
    const cause = new Error('the HSM is on fire');
    const failing = { key: signer.key, sign: () => Promise.reject(cause) };
    await expect(signNote('hello\n', [failing])).rejects.toMatchObject({ code: 'signer-failed', cause });
  });
});

describe('formatNote', () => {
  test('adds a line to a note that is signed already', async () => {
    const { text, signatures } = parseNote(await signNote('hello\n', [signer]));
    const line = { name: 'witness.example', keyId: '0102030a', signature: Buffer.from('seen') };
    const note = formatNote(text, [...signatures, line]);
    expect(openNote(note, [signer.key]).text).toBe('hello\n');
    expect(parseNote(note).signatures[1]).toEqual(line);
  });

  test('refuses a text that swallows its signatures, and names that are none', () => {
    const line = { name: 'witness.example', keyId: '0102030a', signature: Buffer.from('seen') };
    expect(codeOf(() => formatNote('hello', [line]))).toBe('note-malformed');
    expect(codeOf(() => formatNote('hello\n', [{ ...line, name: 'a b' }]))).toBe('note-malformed');
    expect(codeOf(() => formatNote('hello\n', [{ ...line, name: 'a\n\n— b' }]))).toBe('note-malformed');
    expect(codeOf(() => formatNote('hello\n', Array(65).fill(line)))).toBe('too-large');
  });
});
