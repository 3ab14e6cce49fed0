import { ACTION, LEGAL_BASIS, PURPOSE, ROLE } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { convert, makeReport, refusalOf, TO_ACCESS, TO_HOST, textsOf } from './fixture/make-report.js';

describe('what a XARF report asks', () => {
  it('asks a host to remove a page, exactly that page, on the ground of article 16', () => {
    const { content } = convert(makeReport('content/phishing'));
    expect(content).toMatchObject({
      action: 'remove',
      legal_basis: ['gdpr-6-1-f', 'dsa-16'],
      items: [{ scope: 'exact-address' }],
    });
  });

  it('only informs whoever cannot remove it, or is no hotline, and says so', () => {
    for (const routing of [
      TO_ACCESS,
      { ...TO_HOST, toRole: 'police' },
      { ...TO_HOST, fromRole: 'hosting' },
    ]) {
      const { content, notes } = convert(makeReport('content/phishing'), routing);
      expect(content.action).toBe('inform');
      expect(content.legal_basis).not.toContain('dsa-16');
      expect(textsOf(notes)).toContain('sent to inform');
    }
  });

  it('takes the action that the sender asks for', () => {
    for (const action of ['assess', 'inform', 'remove', 'block']) {
      expect(convert(makeReport('content/fraud'), { ...TO_ACCESS, action }).content.action).toBe(action);
    }
    const server = convert(makeReport('infrastructure/compromised_server'), { ...TO_HOST, action: 'remove' });
    expect(server.content.items[0]).toMatchObject({ scope: 'host' });
  });

  it('refuses an action that needs more than a XARF report says', () => {
    for (const action of [
      ...ACTION.filter((word) => !/assess|inform|remove|^block/.test(word)),
      'destroy',
      '',
    ]) {
      expect(refusalOf(() => convert(makeReport('content/csam'), { ...TO_HOST, action })).code).toBe(
        'content-invalid',
      );
    }
  });

  it('claims no legitimate interest for an authority', () => {
    for (const fromRole of ['police', 'prosecutor', 'court', 'ministry', 'regulator']) {
      expect(convert(makeReport('content/csam'), { ...TO_HOST, fromRole }).content.legal_basis).not.toContain(
        'gdpr-6-1-f',
      );
    }
  });

  it('has valid terms for every pair of roles and every kind of report', () => {
    for (const fromRole of ROLE) {
      for (const toRole of ROLE) {
        for (const type of ['content/csam', 'content/fraud', 'infrastructure/botnet']) {
          const { content } = convert(makeReport(type), { to: 'x.de', fromRole, toRole });
          expect(PURPOSE).toContain(content.purpose);
          expect(LEGAL_BASIS).toEqual(expect.arrayContaining([...(content.legal_basis ?? [])]));
        }
      }
    }
  });

  it('takes a stricter marking of the reporter, never a laxer one', () => {
    const handling = (tag: string) =>
      convert(makeReport('content/malware', { tags: [tag] })).content.handling;
    expect(handling('tlp:red')).toBe('TLP:RED');
    expect(handling('tlp:amber+strict')).toBe('TLP:AMBER+STRICT');
    expect(handling('tlp:clear')).toBe('TLP:AMBER');
    expect(handling('malware:zeus')).toBe('TLP:AMBER');
  });

  it('marks a time that has not come yet', () => {
    const { notes } = convert(makeReport('content/phishing', { timestamp: '2026-11-20T12:06:00Z' }));
    expect(textsOf(notes)).toContain('lies in the future');
  });
});
