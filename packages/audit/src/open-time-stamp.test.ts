import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkStampTrust, readRoots } from './check-stamp-trust.js';
import { codeOf } from './fixture/code-of.js';
import { makeTestTsa, type TestTsa } from './fixture/test-tsa.js';
import { openTimeStamp } from './open-time-stamp.js';
import { readTimeStamp } from './read-time-stamp.js';
import { formatStampRequest } from './time-stamp-request.js';

const BYTES = Buffer.from('log.example/de/2026\n3\nroot\n\n— a signed checkpoint\n');
const NONCE = randomBytes(12);
// TimeStampResp with the status 2, rejection, and no token.
const REFUSAL = Buffer.from('30053003020102', 'hex');
let tsa: TestTsa;
let stranger: TestTsa;
let response: Buffer;
beforeAll(() => {
  tsa = makeTestTsa();
  stranger = makeTestTsa();
  response = tsa.reply(formatStampRequest(BYTES, NONCE));
});
afterAll(() => {
  tsa.remove();
  stranger.remove();
});

const trusted = (bytes: Uint8Array, answer: Uint8Array, roots: string, nonce?: Uint8Array) =>
  codeOf(() => checkStampTrust(openTimeStamp(answer, bytes, nonce), readRoots(roots)));

describe('a time stamp', () => {
  test('by OpenSSL holds, and says when; OpenSSL says the same', () => {
    const stamp = openTimeStamp(response, BYTES, NONCE);
    checkStampTrust(stamp, readRoots(tsa.roots));
    expect(Math.abs(stamp.timeMs - Date.now())).toBeLessThan(600_000);
    expect([stamp.accuracyMs, stamp.authority]).toEqual([1000, 'CN=Test authority']);
    expect(tsa.isVerifiedByOpenssl(BYTES, response)).toBe(true);
  });

  test.each([
    ['RSA', { key: ['-newkey', 'rsa:2048'] }],
    ['a longer hash of its certificate', { essHash: 'sha512' }],
  ])('with %s holds as well', (_, options) => {
    const other = makeTestTsa(options);
    const answer = other.reply(formatStampRequest(BYTES, NONCE));
    expect(trusted(BYTES, answer, other.roots, NONCE)).toBeUndefined();
    other.remove();
  });

  test('without a nonce, as evidence keeps it, holds over the same bytes', () => {
    expect(trusted(BYTES, response, tsa.roots)).toBeUndefined();
  });

  test.each([
    ['of other bytes', () => trusted(Buffer.from(`${BYTES}x`), response, tsa.roots), 'stamp-of-other-bytes'],
    [
      'of another request',
      () => trusted(BYTES, response, tsa.roots, randomBytes(12)),
      'stamp-of-other-bytes',
    ],
    [
      'of an authority under another root',
      () => trusted(BYTES, response, stranger.roots),
      'stamp-not-trusted',
    ],
    ['that is refused', () => trusted(BYTES, REFUSAL, tsa.roots), 'stamp-refused'],
    ['that is empty', () => trusted(BYTES, Buffer.alloc(0), tsa.roots), 'stamp-malformed'],
    [
      'with something after it',
      () => trusted(BYTES, Buffer.concat([response, Buffer.of(0)]), tsa.roots),
      'stamp-malformed',
    ],
    ['of half a megabyte', () => trusted(BYTES, Buffer.alloc(500_000, 0x30), tsa.roots), 'too-large'],
  ])('%s does not count', (_, call, code) => {
    expect(call()).toBe(code);
  });

  test('with a nonce, or its request without one, is told apart', () => {
    const request = formatStampRequest(BYTES, NONCE);
    const at = request.length - NONCE.length - 5;
    // Without the INTEGER of the nonce, and with a length that fits.
    const bare = Buffer.concat([request.subarray(0, at), request.subarray(-3)]);
    bare.writeUInt8(bare.length - 2, 1);
    expect(trusted(BYTES, tsa.reply(bare), tsa.roots)).toBeUndefined();
    expect(trusted(BYTES, tsa.reply(bare), tsa.roots, NONCE)).toBe('stamp-of-other-bytes');
  });

  test('with one bit changed anywhere does not hold, or says the same', () => {
    const before = openTimeStamp(response, BYTES, NONCE);
    const found = Array.from(response, (octet, at) => {
      const changed = Buffer.from(response);
      changed.writeUInt8(octet ^ (1 << (at % 8)), at);
      try {
        const stamp = openTimeStamp(changed, BYTES, NONCE);
        checkStampTrust(stamp, readRoots(tsa.roots));
        return `${stamp.timeMs} ${stamp.authority}`;
      } catch (error) {
        return String((error as { code?: string }).code);
      }
    });
    const codes = [
      'stamp-malformed',
      'stamp-of-other-bytes',
      'stamp-refused',
      'stamp-signature-invalid',
      'too-large',
    ];
    const same = `${before.timeMs} ${before.authority}`;
    expect([...new Set(found)].filter((one) => one !== same && !codes.includes(one))).toEqual([]);
    // The signature comes last; what the authority's clock said stands before it.
    expect(new Set(found.slice(-30))).toEqual(new Set(['stamp-signature-invalid']));
  });

  test('of another time is none, though its digest was made to fit', () => {
    const info = readTimeStamp(response).info;
    const time = /\d{14}Z/.exec(Buffer.from(info).toString('latin1'))?.[0] ?? '';
    const earlier = replaced(response, Buffer.from(time), Buffer.from(time.replace(/^\d{4}/, '2020')));
    expect(codeOf(() => openTimeStamp(earlier, BYTES))).toBe('stamp-signature-invalid');
    const [old, fitting] = [info, readTimeStamp(earlier).info].map((one) =>
      createHash('sha256').update(one).digest(),
    );
    const forged = replaced(earlier, old ?? Buffer.alloc(0), fitting ?? Buffer.alloc(0));
    expect(codeOf(() => openTimeStamp(forged, BYTES))).toBe('stamp-signature-invalid');
  });

  test('cut off anywhere is not read', () => {
    for (let at = 0; at < response.length; at += 7)
      expect(codeOf(() => openTimeStamp(response.subarray(0, at), BYTES))).toBe('stamp-malformed');
  });
});

function replaced(bytes: Buffer, from: Buffer, to: Buffer): Buffer {
  const at = bytes.indexOf(from);
  expect([at > 0, to.length]).toEqual([true, from.length]);
  return Buffer.concat([bytes.subarray(0, at), to, bytes.subarray(at + from.length)]);
}
