import { type Crossing, decide, loadPack, packsDir, type Verdict } from '@entente/policy';
import { describe, expect, it } from 'vitest';
import { wordsOf } from './story-words.js';
import { tellVerdict } from './tell-verdict.js';

const pack = loadPack(packsDir, 'DE');
const hotline = { id: 'hotline.de', nation: 'DE', types: ['hotline'], role: 'hotline' } as const;
const facts = {
  ...{ category: 'csam', action: 'remove', force: 'notice', purpose: 'removal', legalBasis: ['dsa-16'] },
  ...{ instrument: '', dataClasses: ['content-hash'], subjects: [], itemCount: 1, handling: 'TLP:AMBER' },
  ...{
    urgency: 'routine',
    scope: 'exact-address',
    deadlineMs: 0,
    retentionDays: 180,
    reporterConsent: false,
  },
  ...{ dataSought: [], accuracy: 'assessed', origin: '', onwardConsent: false, agreement: 'none' },
  ...{ criminality: 'not-stated', handlingCode: 'none', clocks: [] },
};
const crossing = {
  ...{ nation: 'DE', stage: 'inside', from: hotline, to: hotline, facts, day: '2026-11-23' },
} as unknown as Crossing;

function told(asked: Crossing, language: string, verdict: Verdict = decide(pack, asked)): string[] {
  return tellVerdict({ pack, crossing: asked }, verdict, wordsOf(language), language);
}

describe.each(['en', 'de', 'fr'])('in %s', (language) => {
  const words = wordsOf(language);

  it('says that the rules failed, and names no permit that came close', () => {
    const asked = { ...crossing, stage: 'enter' } as Crossing;
    const { alarm, errors = [] } = decide(pack, asked);
    expect(alarm).toBe(true);
    expect(errors).not.toEqual([]);
    expect(told(asked, language).slice(1)).toEqual([`  ${words.notAppliedHere(errors.join('; '))}`]);
  });

  it('says that a member wrote to itself', () => {
    expect(told(crossing, language).slice(1)).toEqual([`  ${words.toItself}`]);
  });

  it('says that nothing could wait for a release', () => {
    const [id = ''] = [...pack.rules.values()].flatMap((rule) => (rule.hold ? [rule.id] : []));
    const rules = [{ id, basis: 'B', says: 'S' }];
    const verdict: Verdict = { decision: 'refuse', rules, reason: 'R', obligations: [], remedies: [] };
    const lines = told({ ...crossing, to: { ...hotline, id: 'hotline2.de' } }, language, verdict);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(`${id}: ${language === 'en' ? 'S' : pack.texts.get(language)?.get(id)} [B]`);
    expect(lines[2]).toBe(`  ${words.tooSlow}`);
  });
});
