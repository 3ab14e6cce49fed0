import { describe, expect, it } from 'vitest';
import { convert, makeEvidence, makeReport, textsOf } from './fixture/make-report.js';

describe('child abuse', () => {
  it('translates the classes of providers into those of hotlines, and asks to have it checked', () => {
    const classes = { baseline: 'baseline', A1: 'baseline', A2: 'baseline', B1: 'national', B2: 'national' };
    for (const [classification, expected] of Object.entries(classes)) {
      const { content, notes } = convert(makeReport('content/csam', { classification }));
      expect(content.items[0]).toMatchObject({ class_at_origin: expected });
      expect(textsOf(notes)).toContain(`"${expected}"`);
    }
    expect(convert(makeReport('content/csam', { classification: 'B2' })).content.details).toEqual({
      industry_class: 'b2',
    });
  });

  it('keeps hashes, the number of the CyberTipline and the suspect where they belong', () => {
    const { content } = convert(
      makeReport('content/csem', {
        media_type: 'video',
        hash_values: { md5: 'A'.repeat(32), photodna: 'Ab'.repeat(96) },
        ncmec_report_id: 12345678,
        exploitation_type: 'sextortion',
        perpetrator_indicators: {
          account_id: 'user-7',
          ip_addresses: ['203.0.113.7'],
          pattern_of_behavior: 'Asks for pictures.',
        },
      }),
    );
    expect(content).toMatchObject({
      urgency: 'urgent',
      other_references: [{ system: 'ncmec', number: '12345678' }],
      items: [{ kind: 'video', hashes: { md5: 'a'.repeat(32), photodna: 'Ab'.repeat(96) } }],
      people: {
        suspects: [
          {
            id: 's1',
            standing: 'suspected',
            based_on: 'assessment',
            accounts: [{ user_id: 'user-7' }],
            lines: [{ ip: '203.0.113.7' }],
          },
        ],
      },
      details: { exploitation: ['extortion'], conduct: 'Asks for pictures.', reported_to: ['ncmec'] },
    });
  });

  it('says of a duty to report that it is one, not that it was done', () => {
    const { content } = convert(makeReport('content/csem', { reporting_obligations: ['NCMEC', 'europol'] }));
    expect(content.details).toBeUndefined();
    expect(content.summary).toContain('To be reported, or already reported, to: NCMEC, Europol');
  });

  it('carries no payload and not even the address of a screenshot', () => {
    const evidence = [makeEvidence('a chat'), makeEvidence('%PDF-1.7', { content_type: 'application/pdf' })];
    const { content, notes } = convert(
      makeReport('content/csem', { evidence, screenshot_url: 'https://watch.example/shot-of-it' }),
    );
    expect(content.evidence).toHaveLength(2);
    for (const item of content.evidence ?? []) expect(item).toMatchObject({ hash_checked: 'matches' });
    expect(JSON.stringify(content)).not.toMatch(/payload|shot-of-it/);
    expect(textsOf(notes)).toMatch(
      /evidence 1 \(text\/plain\): the payload stays with you[\s\S]*screenshot_url/,
    );
  });

  it('is not refused for a text that begins like a media type', () => {
    const evidence = [makeEvidence('x', { description: `Video/audio ${'x '.repeat(600)}` })];
    const reporter = { org: 'Data: the company', contact: 'a@a.example', domain: 'a.example' };
    const { content } = convert(
      makeReport('content/csam', { description: 'Image/video material', evidence, reporter }),
    );
    expect(content.summary).toMatch(/^Image-video material\n/);
    expect(content.report).toMatchObject({ source: { organisation: { name: 'Data- the company' } } });
  });
});
