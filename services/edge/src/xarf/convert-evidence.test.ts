import { LIMITS } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { convert, makeEvidence, makeReport, textsOf } from './fixture/make-report.js';

const FALSE_HASHES = [
  `md5:${'0'.repeat(32)}`,
  `sha1:${'0'.repeat(40)}`,
  `sha256:${'0'.repeat(64)}`,
  `sha512:${'0'.repeat(128)}`,
];

function convertAll(evidence: unknown[], type = 'content/phishing') {
  return convert(makeReport(type, { evidence }));
}

describe('evidence', () => {
  it('carries payload, size and hash, and says that the hash matches, in whatever case it was written', () => {
    const item = makeEvidence('GET /login');
    const digits = String(item.hash).slice(7);
    const { content, notes } = convertAll([{ ...item, hash: `sha256:${digits.toUpperCase()}` }]);
    expect(content.evidence).toEqual([
      {
        description: 'A line of the log',
        media_type: 'text/plain',
        size: 10,
        sha256: digits,
        declared_hash: item.hash,
        hash_checked: 'matches',
        payload_base64: item.payload,
      },
    ]);
    expect(notes).toEqual([]);
  });

  it('reports a hash that is not the one of the payload, by each algorithm', () => {
    for (const hash of FALSE_HASHES) {
      const { content, notes } = convertAll([makeEvidence('a'), makeEvidence('b', { hash })]);
      expect(content.evidence?.[1]).toMatchObject({ declared_hash: hash, hash_checked: 'mismatch' });
      const algorithm = hash.split(':')[0];
      expect(notes).toEqual([
        {
          kind: 'evidence-hash-mismatch',
          text: `evidence 2 (text/plain): the declared ${algorithm} is not the one of the payload`,
        },
      ]);
    }
  });

  it('takes a hash of the wrong length for a mismatch, and does not carry it as a hash', () => {
    const { content, notes } = convertAll([makeEvidence('a', { hash: `sha256:${'ab'.repeat(33)}` })]);
    expect(content.evidence?.[0]).toMatchObject({ hash_checked: 'mismatch' });
    expect(content.evidence?.[0]).not.toHaveProperty('declared_hash');
    expect(notes).toHaveLength(1);
  });

  it('says that there was no hash', () => {
    const { hash, ...item } = makeEvidence('a');
    expect(convertAll([item]).content.evidence?.[0]).toMatchObject({ hash_checked: 'absent' });
  });

  it('takes a media type without its parameters, and leaves out one that is none', () => {
    const { content, notes } = convertAll([
      makeEvidence('a', { content_type: 'Text/HTML; charset=utf-8' }),
      makeEvidence('b', { content_type: 'a secret' }),
    ]);
    expect(content.evidence?.[0]).toMatchObject({ media_type: 'text/html' });
    expect(content.evidence?.[1]).not.toHaveProperty('media_type');
    expect(textsOf(notes)).toContain('evidence[1].content_type');
    expect(textsOf(notes)).not.toContain('secret');
  });

  it('leaves a payload behind that is larger than 64 KiB, and carries one that is not', () => {
    const { content, notes } = convertAll([
      makeEvidence(Buffer.alloc(65_536, 7)),
      makeEvidence(Buffer.alloc(65_539, 7)),
    ]);
    expect(content.evidence?.[0]).toHaveProperty('payload_base64');
    expect(content.evidence?.[1]).not.toHaveProperty('payload_base64');
    expect(content.evidence?.[1]).toMatchObject({ size: 65_539, hash_checked: 'matches' });
    expect(textsOf(notes)).toContain('evidence 2 (text/plain): the payload is too large');
  });

  it('leaves the largest payloads behind until the whole fits into one message', () => {
    const sizes = [60_000, 1_000, 65_000, 64_000, 63_000, 62_000];
    const { content, notes } = convertAll(sizes.map((size) => makeEvidence(Buffer.alloc(size, 7))));
    expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThanOrEqual(LIMITS.content);
    const carried = content.evidence?.map((item) => 'payload_base64' in item);
    expect(carried).toEqual([true, true, false, false, true, true]);
    expect(textsOf(notes)).toMatch(
      /evidence 3: all payloads together[\s\S]*evidence 4: all payloads together/,
    );
  });

  it('carries the first twenty items and counts the others', () => {
    const { content, notes } = convertAll(Array.from({ length: 50 }, (_, index) => makeEvidence(`${index}`)));
    expect(content.evidence).toHaveLength(20);
    expect(textsOf(notes)).toContain('the first 20 of 50 items');
  });

  it('takes an empty payload, an empty list and no list', () => {
    expect(convertAll([makeEvidence('')]).content.evidence?.[0]).not.toHaveProperty('payload_base64');
    expect(convertAll([]).content.evidence).toBeUndefined();
    expect(convert(makeReport('content/phishing')).content.evidence).toBeUndefined();
  });

  it('notices a size that is not the one of the payload', () => {
    const { content, notes } = convertAll([makeEvidence('abc', { size: 4 })]);
    expect(content.evidence?.[0]).toMatchObject({ size: 3 });
    expect(textsOf(notes)).toContain('declared size');
  });
});
