import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { formatVkey, parseVkey } from './note-key.js';

// The example key of Go's sumdb/note, which the format comes from.
const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const RAW = Buffer.from(VKEY.split('+').at(-1) ?? '', 'base64').subarray(1);

describe('parseVkey', () => {
  test('reads the example key and writes it back the same', () => {
    const key = parseVkey(VKEY);
    expect([key.name, key.id]).toEqual(['PeterNeumann', 'c74f20a3']);
    expect(key.publicKey.export({ format: 'jwk' }).x).toBe(RAW.toString('base64url'));
    expect(formatVkey(key.name, RAW)).toBe(VKEY);
  });

  test('takes only the first two plus signs for separators', () => {
    const raw = Buffer.from(RAW);
    raw.writeUInt8(62, 10);
    const vkey = formatVkey('a.example/log', raw);
    expect(vkey.split('+').length).toBeGreaterThan(3);
    expect(parseVkey(vkey).name).toBe('a.example/log');
  });

  test('refuses every part of the example key, and the key with one character changed', () => {
    for (let i = 0; i < VKEY.length; i++) {
      expect(codeOf(() => parseVkey(VKEY.slice(i + 1)))).toBe('key-malformed');
      expect(codeOf(() => parseVkey(VKEY.slice(0, i)))).toBe('key-malformed');
      const next = String.fromCharCode(VKEY.charCodeAt(i) + 1);
      expect(codeOf(() => parseVkey(VKEY.slice(0, i) + next + VKEY.slice(i + 1)))).toBe('key-malformed');
    }
  });

  test.each([
    [
      'of a wrong length, with the id that fits',
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
    ],
    [
      'of an unknown type, with the id that fits',
      'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    ],
    ['with an id in capitals', VKEY.replace('c74f20a3', 'C74F20A3')],
    ['with a space in its name', VKEY.replace('Neumann', ' Neumann')],
    ['with white space around', ` ${VKEY}\n`],
    ['in base64url', VKEY.replace('/', '_')],
    ['with padding', `${VKEY}=`],
    ['that is private', 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'],
    ['that is empty', ''],
  ])('refuses a key %s', (_, vkey) => {
    expect(codeOf(() => parseVkey(vkey))).toBe('key-malformed');
  });
});

describe('formatVkey', () => {
  test.each(['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', 'a\u2003b', 'a\u0000b', '\ud800'])(
    'refuses the name %j',
    (name) => {
      expect(codeOf(() => formatVkey(name, RAW))).toBe('key-malformed');
    },
  );

  test('refuses a key that is not 32 bytes', () => {
    expect(codeOf(() => formatVkey('a.example', RAW.subarray(1)))).toBe('key-malformed');
    expect(codeOf(() => formatVkey('a.example', Buffer.concat([RAW, RAW])))).toBe('key-malformed');
  });

  // Points of order 1, 2, 4, 8 and 8, and spellings of the first ones that are not canonical.
  test.each([
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ])('refuses the weak key %s', (hex) => {
    expect(codeOf(() => formatVkey('a.example', Buffer.from(hex, 'hex')))).toBe('key-malformed');
  });

  test('has to, because OpenSSL before 3.5 takes one signature under such a key for any text', () => {
    const openSsl = Number.parseFloat(process.versions.openssl);
    const identity = Buffer.alloc(32);
    identity.writeUInt8(1, 0);
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: identity.toString('base64url') };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const forged = Buffer.concat([identity, Buffer.alloc(32)]);
    expect(verify(null, Buffer.from('anything at all'), publicKey, forged)).toBe(openSsl < 3.5);
  });
});
