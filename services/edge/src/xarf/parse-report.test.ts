import { describe, expect, it } from 'vitest';
import { convertXarf } from './convert-xarf.js';
import {
  convert,
  makeEvidence,
  makeReport,
  NOW_MS,
  refusalOf,
  TO_HOST,
  textsOf,
} from './fixture/make-report.js';

const SECRET = 'Jane-Doe-s-secret';

function refuse(type: string, more: Record<string, unknown> = {}) {
  return refusalOf(() => convert(makeReport(type, more)));
}

describe('what is no XARF v4 report', () => {
  it('refuses whatever is not an object', () => {
    for (const value of [undefined, null, 4, SECRET, true, [], [makeReport('content/phishing')]]) {
      const { code, message } = refusalOf(() => convertXarf(value, TO_HOST, NOW_MS));
      expect(code).toBe('content-invalid');
      expect(message).not.toContain(SECRET);
    }
  });

  it('says of every field that is missing which one it is', () => {
    for (const name of [
      'xarf_version',
      'report_id',
      'timestamp',
      'reporter',
      'sender',
      'source_identifier',
      'category',
      'type',
    ]) {
      for (const value of [undefined, null]) {
        const { code, message } = refuse('content/phishing', { [name]: value });
        expect(code).toBe('content-invalid');
        expect(message).toContain(`/${name} is missing`);
      }
    }
    expect(refuse('content/phishing', { reporter: { org: 'x' } }).message).toContain(
      '/reporter/contact is missing',
    );
    expect(refuse('content/phishing', { url: undefined }).message).toContain('/url is missing');
  });

  it('refuses what is of another type or form, and never repeats it', () => {
    const wrong: Record<string, unknown>[] = [
      { xarf_version: '3' },
      { xarf_version: '3.2.0' },
      { xarf_version: 4 },
      { xarf_version: `4.${SECRET}` },
      { report_id: SECRET },
      { report_id: '5b1e0c1e-53a2-4b0e-9d53-0c2f4d0f7a11\n' },
      { timestamp: SECRET },
      { timestamp: '2026-02-30T00:00:00Z' },
      { timestamp: '2026-11-19T08:30:00' },
      { timestamp: '1999-11-19T08:30:00Z' },
      { timestamp: 1_700_000_000 },
      { reporter: SECRET },
      { sender: [SECRET] },
      { sender: { org: 1, contact: {}, domain: [] } },
      { source_identifier: '   ' },
      { source_identifier: ['192.0.2.1'] },
      { source_port: 0 },
      { source_port: 65_536 },
      { source_port: '443' },
      { category: SECRET },
      { category: '__proto__' },
      { type: `${SECRET}!` },
      { type: 'x'.repeat(41) },
      { evidence: SECRET },
      { evidence: { length: 1 } },
    ];
    for (const more of wrong) {
      const { code, message } = refuse('content/phishing', more);
      expect([more, code]).toEqual([more, 'content-invalid']);
      expect(message).not.toContain(SECRET);
      expect(message.length).toBeLessThan(500);
    }
  });

  it('does not take a name that every object inherits for a type', () => {
    for (const type of ['constructor', 'tostring', '__proto__', 'hasownproperty']) {
      expect(refuse('content/phishing', { type }).code).toMatch(/type-not-carried|content-invalid/);
    }
  });

  it('refuses what is nested too deep, without falling over', () => {
    const junk = JSON.parse(`${'{"a":['.repeat(50_000)}${']}'.repeat(50_000)}`);
    for (const more of [{ junk }, { whois: junk }, { evidence: [makeEvidence('x', { junk })] }]) {
      expect(refuse('content/csam', more)).toMatchObject({
        code: 'content-invalid',
        message: expect.stringContaining('nested'),
      });
    }
    expect(convert(makeReport('content/csam', { _internal: junk })).notes).toEqual([]);
  });
});

describe('evidence that lies or is too much', () => {
  it('refuses more than fifty items', () => {
    const evidence = Array.from({ length: 60 }, () => makeEvidence('x'));
    expect(refuse('content/phishing', { evidence }).message).toContain(
      '/evidence has 60 items, the limit is 50',
    );
  });

  it('refuses what is no base64, no hash and no size, and says in which item', () => {
    const wrong: Record<string, unknown>[] = [
      { payload: 'Jane'.concat('!') },
      { payload: SECRET },
      { payload: 'QUJ' },
      { payload: 'QU=J' },
      { payload: 'QUJD\nQUJD' },
      { payload: 'QUJ_' },
      { payload: 7 },
      { payload: undefined },
      { payload: 'A'.repeat(4 * 1_747_628) },
      { hash: SECRET },
      { hash: 'crc32:00000000' },
      { hash: 'sha256:' },
      { hash: { sha256: SECRET } },
      { size: -1 },
      { size: '5' },
      { content_type: undefined },
      { content_type: ' ' },
    ];
    for (const more of wrong) {
      const evidence = [makeEvidence('fine'), makeEvidence('x', more)];
      const { code, message } = refuse('content/fraud', { evidence });
      expect([Object.keys(more), code]).toEqual([Object.keys(more), 'content-invalid']);
      expect(message).toContain('/evidence/1/');
      expect(message).not.toMatch(/Jane|AAAA/);
    }
    expect(refuse('content/fraud', { evidence: [null, SECRET] }).message).toContain(
      '/evidence/0 must be an object',
    );
  });

  it('takes a payload of the full five megabytes without carrying it', () => {
    const { content, notes } = convert(
      makeReport('content/fraud', { evidence: [makeEvidence(Buffer.alloc(5 * 1024 * 1024))] }),
    );
    expect(content.evidence?.[0]).toMatchObject({ size: 5 * 1024 * 1024, hash_checked: 'matches' });
    expect(textsOf(notes)).toContain('too large');
  });
});
