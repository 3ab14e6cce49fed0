import { CATEGORY } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { CARRIED_TYPES } from './carry-type.js';
import { convertXarf } from './convert-xarf.js';
import { convert, makeEvidence, makeReport, NOW_MS, TO_HOST, textsOf } from './fixture/make-report.js';

describe('what becomes of a report', () => {
  it('makes valid content of the least report of every type that is carried, in both spellings', () => {
    for (const [type, { category }] of Object.entries(CARRIED_TYPES)) {
      for (const spelt of [type, type.replace(/_/g, '-')]) {
        const { content } = convert(makeReport(spelt));
        expect(content).toMatchObject({ category, force: 'notice', handling: 'TLP:AMBER' });
        expect(content.source_format).toMatchObject({ name: 'xarf', version: '4.2.0', type });
      }
    }
    expect(CATEGORY).toEqual(
      expect.arrayContaining(Object.values(CARRIED_TYPES).map(({ category }) => category)),
    );
  });

  it('makes the same submission of the same report at any time, so that a repeat is known again', () => {
    const report = makeReport('content/phishing', { evidence: [makeEvidence('x')] });
    const first = convertXarf(report, TO_HOST, NOW_MS).submission;
    const later = convertXarf(structuredClone(report), TO_HOST, NOW_MS + 86_400_000).submission;
    expect(JSON.stringify(later)).toBe(JSON.stringify(first));
  });

  it('changes nothing of the report it is given', () => {
    const report = makeReport('content/fraud', { evidence: [makeEvidence('x')], _internal: { ticket: '7' } });
    const before = structuredClone(report);
    convert(report);
    expect(report).toEqual(before);
  });

  it('never lets _internal out, and says nothing of it', () => {
    const { content, notes } = convert(makeReport('content/phishing', { _internal: { analyst: 'jane' } }));
    expect(JSON.stringify([content, notes])).not.toMatch(/jane|_internal|analyst/);
  });

  it('carries the words of the routing', () => {
    const { submission } = convertXarf(
      makeReport('content/phishing'),
      { ...TO_HOST, expiresInHours: 5 },
      NOW_MS,
    );
    expect(submission).toMatchObject({
      to: 'isp.fr',
      to_role: 'hosting',
      from_role: 'hotline',
      expires_in_hours: 5,
    });
  });

  it('names unknown fields, however deep, and drops them', () => {
    const { content, notes } = convert(
      makeReport('content/phishing', {
        shoe_size: 42,
        whois: { registrant: 'Jane Doe', created_date: '2026-11-01T00:00:00Z' },
        reporter: { org: 'A', contact: 'a@a.example', domain: 'a.example', phone: '+49 1' },
        evidence: [makeEvidence('x', { colour: 'red' })],
      }),
    );
    expect(textsOf(notes)).toContain(
      'no field for it: evidence[0].colour, shoe_size, whois.registrant, reporter.phone',
    );
    expect(JSON.stringify(content)).not.toContain('Jane');
    expect(content.items[0]?.address).toMatchObject({ registered_on: '2026-11-01' });
  });

  it('says which values do not fit, without repeating them', () => {
    const { notes } = convert(
      makeReport('content/phishing', { lure_type: 'free-beer', asn: 'AS64500', tags: ['ok:yes', 'NOT OK'] }),
    );
    expect(textsOf(notes)).toContain('not in the list expected: asn, lure_type, tags[1]');
    expect(textsOf(notes)).not.toMatch(/beer|64500|NOT OK/);
  });

  it('has nothing to say of a report that fits', () => {
    expect(convert(makeReport('content/phishing', { target_brand: 'Example Bank' })).notes).toEqual([]);
  });
});
