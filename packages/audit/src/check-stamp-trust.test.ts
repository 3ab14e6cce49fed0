import { randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkStampTrust, readRoots } from './check-stamp-trust.js';
import { codeOf } from './fixture/code-of.js';
import { makeTestTsa, type TestTsa, type TsaOptions } from './fixture/test-tsa.js';
import { openTimeStamp, type TimeStamp } from './open-time-stamp.js';
import { formatStampRequest } from './time-stamp-request.js';

const BYTES = Buffer.from('a checkpoint\n');
let tsa: TestTsa;
let stamp: TimeStamp;
beforeAll(() => {
  tsa = makeTestTsa();
  stamp = openTimeStamp(tsa.reply(formatStampRequest(BYTES, randomBytes(8))), BYTES);
});
afterAll(() => tsa.remove());

/** The stamp as if an authority with such a certificate had signed it. */
function withCertificate(options: TsaOptions): string | undefined {
  const other = makeTestTsa(options);
  const certificate = new X509Certificate(readFileSync(join(other.dir, 'tsa.pem')));
  const roots = readRoots(other.roots);
  other.remove();
  const timeMs = Date.now() + 1000;
  return codeOf(() => checkStampTrust({ ...stamp, timeMs, certificate, others: [] }, roots));
}

describe('an authority', () => {
  test('with such a certificate is trusted', () => {
    expect(withCertificate({})).toBeUndefined();
    expect(codeOf(() => checkStampTrust(stamp, readRoots(tsa.roots)))).toBeUndefined();
  });

  test.each<[string, TsaOptions]>([
    ['for servers', { usage: 'critical,serverAuth' }],
    ['for time stamps and servers', { usage: 'critical,timeStamping,serverAuth' }],
    ['for time stamps, but not critically', { usage: 'timeStamping' }],
    ['that has expired', { days: -1 }],
    ['by somebody who is no authority', { rootConstraints: 'critical,CA:FALSE' }],
  ])('with a certificate %s is not', (_, options) => {
    expect(withCertificate(options)).toBe('stamp-not-trusted');
  });

  test('is trusted at the time of the stamp only', () => {
    const roots = readRoots(tsa.roots);
    const day = 86_400_000;
    for (const days of [-2, 4])
      expect(codeOf(() => checkStampTrust({ ...stamp, timeMs: stamp.timeMs + days * day }, roots))).toBe(
        'stamp-not-trusted',
      );
  });

  test('is trusted by itself, where its own certificate is the one that is given', () => {
    const own = readRoots(readFileSync(join(tsa.dir, 'tsa.pem'), 'utf8'));
    expect(codeOf(() => checkStampTrust(stamp, own))).toBeUndefined();
    expect(codeOf(() => checkStampTrust(stamp, []))).toBe('stamp-not-trusted');
  });
});

test('a file of roots without one is refused', () => {
  for (const pem of ['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])
    expect(codeOf(() => readRoots(pem))).toBe('stamp-malformed');
});
