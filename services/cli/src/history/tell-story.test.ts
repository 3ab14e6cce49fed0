import { APPROVAL_REASON, REJECTION_TEXTS } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { type Chapter, endingOf, type Story } from './story.js';
import { CODE_WORDS } from './story-codes.js';
import { EN, STORY_WORDS } from './story-words.js';
import { tellStory } from './tell-story.js';

const VERDICT = {
  ...{ decision: 'refuse', rules: [], code: '', obligations: [], remedies: [], awaits: [], holdMinutes: 0 },
  reason: 'What the log holds, in English.',
};
const CHAPTER: Chapter = {
  ...{ nation: 'DE', index: 3, timeMs: 0, event: 'crossing', stage: 'leave', step: 'first', pack: 'ab' },
  ...{ by: 'hotline.de', byRole: 'hotline', said: '', code: '', words: {}, nearest: null },
  ...{ tooSlow: false, isPackKnown: true, isStranger: false, verdict: VERDICT },
};
const MESSAGE = {
  ...{ from: 'hotline.de', fromRole: 'hotline', to: 'isp.fr', toRole: 'hosting', caseId: 'c' },
  ...{ issuedAtMs: 0, facts: null, hash: '' },
} as unknown as Story['message'];
const FOREIGN = Object.keys(STORY_WORDS).filter((language) => language !== 'en');

/** All that is said of one chapter. */
function told(language: string, chapter: Partial<Chapter>, message: Story['message'] = MESSAGE): string {
  const chapters = [{ ...CHAPTER, ...chapter }];
  return tellStory({ id: 'i', message, chapters, erased: 0, faults: [] }, language).join('\n');
}

describe.each(FOREIGN)('a story in %s', (language) => {
  it.each(Object.entries(REJECTION_TEXTS.en ?? {}))(
    'says what "%s" means, and not in English',
    (code, english) => {
      const rejected = { code, verdict: { ...VERDICT, code, reason: english } };
      for (const event of ['rejection', 'crossing']) {
        const text = told(language, { ...rejected, event });
        expect(text).toContain(`${code}: ${REJECTION_TEXTS[language]?.[code]}`);
        expect(text).not.toContain(english);
      }
      expect(told(language, { said: 'not-delivered', code })).toContain(REJECTION_TEXTS[language]?.[code]);
    },
  );

  it.each(APPROVAL_REASON)('says why a held message was released or not: "%s"', (code) => {
    expect(told(language, { said: 'not-released', code })).toContain(
      `${code}: ${CODE_WORDS[language]?.reasons[code]}`,
    );
  });

  it('says of a message to oneself, and of rules that failed, what they are', () => {
    const self = { ...MESSAGE, to: 'hotline.de' } as Story['message'];
    expect(told(language, {}, self)).toContain(STORY_WORDS[language]?.toItself);
    expect(told(language, {})).toContain(STORY_WORDS[language]?.notApplied);
    for (const text of [told(language, {}, self), told(language, {})])
      expect(text).not.toContain(VERDICT.reason);
  });

  it('quotes the log where the rules of that time are not at hand, and says that it does', () => {
    expect(told(language, { isPackKnown: false })).toContain(
      STORY_WORDS[language]?.notAtHand(VERDICT.reason),
    );
  });

  it('says that nothing could wait, beside the rule', () => {
    const verdict = { ...VERDICT, rules: [{ id: 'court', basis: 'b', says: 'English.' }] };
    const text = told(language, { tooSlow: true, words: { court: 'anders' }, verdict });
    expect(text).toContain('court: anders [b]');
    expect(text).toContain(STORY_WORDS[language]?.tooSlow);
  });

  it('puts duties and remedies into words', () => {
    const remedies = ['redact:victim.image', 'pseudonymise:witness.identity', 'clocks'];
    const obligations = ['statement-of-reasons', 'retention:P1095D', 'of-another-pack'];
    const text = told(language, { verdict: { ...VERDICT, remedies, obligations } });
    const words = CODE_WORDS[language] ?? expect.fail('no words');
    for (const said of [
      words.redact('victim.image'),
      words.pseudonymise('witness.identity'),
      words.clocks,
      words.duties['statement-of-reasons'],
      words.retention('1095'),
      'of-another-pack',
    ])
      expect(text).toContain(said);
    expect(text).not.toMatch(/redact:|retention:/);
  });
});

it('tells in English what the log says', () => {
  expect(told('en', {})).toContain(VERDICT.reason);
  expect(told('en', { event: 'rejection', code: 'expired' })).toContain(
    `expired: ${REJECTION_TEXTS.en?.expired}`,
  );
  expect(told('en', {})).toContain(EN.unverified);
});

describe('the end of a story', () => {
  const said = (word: string, by: string, isStranger = false) => ({ ...CHAPTER, said: word, by, isStranger });
  const endOf = (...chapters: Chapter[]) =>
    endingOf({ id: 'i', message: MESSAGE, chapters: [{ ...CHAPTER }, ...chapters], erased: 0, faults: [] });

  it('is by the word of its recipient, or of its sender that a clock has ended, and of nobody else', () => {
    expect(endOf(said('delivered', 'isp.fr'))).toBe('delivered');
    expect(endOf(said('not-delivered', 'isp.fr'))).toBe('not-delivered');
    expect(endOf(said('relay-failed', 'hotline.de'))).toBe('expired');
    expect(endOf(said('not-delivered', 'hotline.de'))).toBe('expired');
    expect(endOf(said('not-delivered', 'hotline.de'), said('delivered', 'isp.fr'))).toBe('delivered');
    expect(endOf(said('delivered', 'ministry.de', true))).toBe('returned');
    expect(endOf(said('delivered', 'hotline.de'))).toBe('returned');
  });

  it.each(Object.keys(STORY_WORDS))('says in %s what does not count', (language) => {
    const chapter = said('delivered', 'ministry.de', true);
    expect(told(language, chapter)).toContain((STORY_WORDS[language] ?? EN).stranger);
    expect(told(language, { ...chapter, isStranger: false })).not.toContain(
      (STORY_WORDS[language] ?? EN).stranger,
    );
  });
});
