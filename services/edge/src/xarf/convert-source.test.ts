import { describe, expect, it } from 'vitest';
import { convert, makeReport, textsOf } from './fixture/make-report.js';

describe('who reports', () => {
  it('names the reporter as an organisation, without consent that nobody gave', () => {
    const { content } = convert(
      makeReport('content/phishing', { confidence: 0.9, evidence_source: 'honeypot' }),
    );
    expect(content.report).toEqual({
      source: {
        kind: 'automated',
        anonymous: false,
        consent_to_share: false,
        organisation: { name: 'Example Watch', domain: 'watch.example', contact: 'reports@watch.example' },
      },
      assessment: {
        verdict: 'undetermined',
        assessed_at: '2026-11-19T08:30:00Z',
        confidence: 0.9,
        method: 'honeypot',
      },
    });
  });

  it('names in the summary who filed it for somebody else', () => {
    const sender = { org: 'Filing Ltd', contact: 'desk@filing.example', domain: 'filing.example' };
    const { content } = convert(makeReport('content/phishing', { sender, description: 'A fake login.' }));
    expect(content.summary).toBe(
      'A fake login.\nFiled for the reporter by: Filing Ltd, filing.example, desk@filing.example',
    );
  });

  it('takes the most exact word for the way it was found, and says which it left', () => {
    const { content, notes } = convert(
      makeReport('content/csam', { detection_method: 'hash_match', evidence_source: 'crawler' }),
    );
    expect(content.report).toMatchObject({ assessment: { method: 'hash-match', verdict: 'likely-illegal' } });
    expect(textsOf(notes)).toContain('evidence_source');
  });
});
