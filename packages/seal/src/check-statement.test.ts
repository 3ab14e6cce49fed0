import { APPROVAL_REASON, EVIDENCE, LIMITS, REJECTION_TEXTS } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import { evidence } from './fixture/check.js';
import { FACTS, NOW, STATEMENT } from './fixture/test-message.js';

const statement = (change: object) => evidence({ statement: { ...STATEMENT, ...change } });
const about = (change: object) => statement({ about: [{ ...STATEMENT.about[0], ...change }] });

describe('a statement', () => {
  const released = ['held', 'released', 'not-released'];

  test.each(EVIDENCE.filter((word) => !released.includes(word)))('may be of the kind %s', async (word) => {
    expect(await statement({ evidence: word })).toBe('accepted');
  });

  test.each(released)(
    'is no evidence with the word %s: that is said by an approval, or by a gate',
    async (word) => {
      expect(await statement({ evidence: word })).toBe('statement-malformed');
    },
  );

  test.each([
    ['no kind', ''],
    ['a kind nobody knows', 'lost'],
    ['a kind that every object has', 'constructor'],
    ['a kind in capitals', 'Delivered'],
    ['a kind with a NUL', 'delivered\0'],
  ])('has not %s', async (_, word) => {
    expect(await statement({ evidence: word })).toBe('statement-malformed');
  });

  test('is about one message at least and 256 at most', async () => {
    const abouts = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ ...STATEMENT.about[0], messageHash: Buffer.alloc(32, i) }));
    expect(await statement({ about: [] })).toBe('statement-malformed');
    expect(await statement({ about: abouts(1) })).toBe('accepted');
    expect(await statement({ about: abouts(LIMITS.statementAbouts) })).toBe('accepted');
    expect(await statement({ about: abouts(LIMITS.statementAbouts + 1) })).toBe('statement-malformed');
  });

  test('names each message once', async () => {
    const [one] = STATEMENT.about;
    const other = { ...one, messageHash: Buffer.alloc(32, 8) };
    expect(await statement({ about: [one, other] })).toBe('accepted');
    expect(await statement({ about: [one, other, one] })).toBe('statement-malformed');
    expect(await statement({ about: [one, { ...one, messageId: '0'.repeat(32) }] })).toBe(
      'statement-malformed',
    );
  });

  test('names each message by an id and a whole hash', async () => {
    expect(await about({ messageId: '' })).toBe('statement-malformed');
    expect(await about({ messageId: `${'a'.repeat(31)}\0` })).toBe('statement-malformed');
    expect(await about({ messageHash: Buffer.alloc(31) })).toBe('statement-malformed');
    expect(await about({ messageHash: Buffer.alloc(33) })).toBe('statement-malformed');
    expect(await about({ messageHash: Buffer.alloc(0) })).toBe('statement-malformed');
    expect(await statement({ about: [STATEMENT.about[0], {}] })).toBe('statement-malformed');
  });

  test.each(Object.keys(REJECTION_TEXTS.en ?? {}))('may say %s', async (code) => {
    expect(await about({ code })).toBe('accepted');
  });

  // Evidence passes gates without a rule: what it can carry, everybody can send to everybody.
  test.each([
    ['a code of the sender’s own words', about({ code: 'Maria Muster, 1 Example Street' })],
    ['a code without an end', about({ code: 'a'.repeat(41) })],
    ['a code with a newline', about({ code: 'expired\n' })],
    ['a code with digits', about({ code: '00ff00ff' })],
    ['the hash of a body', evidence({ bodySha256: Buffer.alloc(32) })],
    ['a commitment', evidence({ contentCommitment: Buffer.from('Maria Muster') })],
    ['the hash of a schema', evidence({ schemaSha256: Buffer.alloc(9000, 1) })],
    ['a time that is none', statement({ atMs: 2 ** 53 })],
    ['a time before all times', statement({ atMs: 0 })],
    ['a time after all times', statement({ atMs: Number.MAX_SAFE_INTEGER })],
    ['a time long before its issue', statement({ atMs: NOW - LIMITS.skewMs - 1 })],
    ['a time long after its issue', statement({ atMs: NOW + LIMITS.skewMs + 1 })],
  ])('does not carry %s', async (_, code) => {
    expect(await code).toBe('statement-malformed');
  });
});

test.each([-LIMITS.skewMs, LIMITS.skewMs])(
  'a statement may be of a moment that is %i ms from its issue',
  async (ms) => {
    expect(await statement({ atMs: NOW + ms })).toBe('accepted');
  },
);

describe('an approval', () => {
  const decision = { ...STATEMENT, evidence: 'released', about: [{ ...STATEMENT.about[0], code: 'lawful' }] };
  const approval = async (changes: object, header: object = {}) =>
    await evidence({ kind: 3, statement: { ...decision, ...changes }, ...header });

  test.each(['released', 'not-released'])('says %s, for each reason of the list', async (word) => {
    for (const code of APPROVAL_REASON)
      expect(await approval({ evidence: word, about: [{ ...decision.about[0], code }] })).toBe('accepted');
  });

  test.each([
    ['another word', approval({ evidence: 'delivered' })],
    ['the word of a gate', approval({ evidence: 'held' })],
    ['no message', approval({ about: [] })],
    ['two messages', approval({ about: [decision.about[0], decision.about[0]] })],
    ['no reason', approval({ about: [{ ...decision.about[0], code: '' }] })],
    ['a reason of its own', approval({ about: [{ ...decision.about[0], code: 'because-i-say-so' }] })],
    [
      'a message without a whole hash',
      approval({ about: [{ ...decision.about[0], messageHash: Buffer.alloc(8) }] }),
    ],
    ['facts', approval({}, { facts: FACTS })],
    ['a body', approval({}, { bodySha256: Buffer.alloc(32) })],
  ])('does not come with %s', async (_, code) => {
    expect(await code).toBe('statement-malformed');
  });
});
