import { APPROVAL_REASON, EVIDENCE, LIMITS, REJECTIONS, schemaHash, wire } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import { checkHeader } from './check-header.js';
import { codeOf } from './fixture/code-of.js';
import { DRAFT, FACTS, NOW, STATEMENT } from './fixture/test-message.js';

const REFERRAL = {
  ...DRAFT,
  protocol: 1,
  kind: wire.Kind.KIND_REFERRAL,
  schemaSha256: schemaHash('categories/csam'),
  bodySha256: Buffer.alloc(32, 1),
  contentCommitment: Buffer.alloc(32, 2),
  facts: FACTS,
};
const EVIDENCE_HEADER = { ...DRAFT, protocol: 1, kind: wire.Kind.KIND_EVIDENCE, statement: STATEMENT };
const LIVE = wire.Profile.PROFILE_LIVE;
const TEST = wire.Profile.PROFILE_TEST;

/** As it comes out of a seal: encoded and decoded. */
async function check(header: object, nowMs = NOW, profile: number = TEST): Promise<string> {
  const sealed = {
    seal: new Uint8Array(),
    kid: 'k',
    header: wire.header.decode(wire.header.encode(header)),
    messageHash: Buffer.alloc(32),
  };
  return await codeOf(() => checkHeader(sealed, { profile, nowMs }));
}
const referral = (change: object) => check({ ...REFERRAL, ...change });
const evidence = (change: object) => check({ ...EVIDENCE_HEADER, ...change });
const statement = (change: object) => evidence({ statement: { ...STATEMENT, ...change } });
const about = (change: object) => statement({ about: [{ ...STATEMENT.about[0], ...change }] });

describe('an update', () => {
  const update = (change: object, facts: object = {}) =>
    referral({
      kind: wire.Kind.KIND_UPDATE,
      inReplyTo: 'b'.repeat(32),
      schemaSha256: schemaHash('update'),
      facts: { ...FACTS, update: 'outcome', itemCount: 1, ...facts },
      ...change,
    });

  test('is taken as one', async () => {
    expect(await update({})).toBe('accepted');
    expect(await update({}, { update: 'accept', itemCount: 0 })).toBe('accepted');
    expect(await update({}, { results: [{ word: 'removed', count: 3 }] })).toBe('accepted');
  });

  test.each([
    ['that answers nothing', { inReplyTo: '' }, 'header-malformed'],
    ['that says it is a referral', { kind: wire.Kind.KIND_REFERRAL }, 'header-malformed'],
    ['whose facts are those of a referral', { facts: FACTS }, 'header-malformed'],
    ['under the schema of a category', { schemaSha256: schemaHash('categories/csam') }, 'schema-unknown'],
    ['with a statement', { statement: STATEMENT }, 'header-malformed'],
    ['without facts', { facts: null }, 'facts-malformed'],
  ])('is refused %s', async (_, change, code) => {
    expect(await update(change)).toBe(code);
  });

  test.each([
    ['a word of its own', { update: 'shrug' }],
    ['a result of its own', { results: [{ word: 'laughed-at', count: 1 }] }],
    ['a result that nothing has', { results: [{ word: 'removed', count: 0 }] }],
    ['a result of more items than there can be', { results: [{ word: 'removed', count: 101 }] }],
    ['what was seen in words of its own', { checks: [{ word: 'Mr Example', count: 1 }] }],
  ])('has no facts with %s', async (_, facts) => {
    expect(await update({}, facts)).toBe('facts-malformed');
  });
});

test('a referral and evidence that are right are taken', async () => {
  expect(await referral({})).toBe('accepted');
  expect(await evidence({})).toBe('accepted');
  expect(await referral({ inReplyTo: 'b'.repeat(32), actor: '' })).toBe('accepted');
});

describe('the profile', () => {
  test.each([
    ['test', TEST, 'live', LIVE],
    ['live', LIVE, 'test', TEST],
    ['none', 0, 'test', TEST],
    ['an unknown one', 3, 'live', LIVE],
  ])('%s is not spoken where it is %s', async (_, profile, __, expected) => {
    expect(await check({ ...REFERRAL, profile }, NOW, expected)).toBe('profile-wrong');
    expect(await check({ ...EVIDENCE_HEADER, profile }, NOW, expected)).toBe('profile-wrong');
  });
});

describe('the protocol and the kind', () => {
  test.each([0, 2, 4294967295])('protocol %i is refused', async (protocol) => {
    expect(await referral({ protocol })).toBe('header-malformed');
  });

  test.each([0, 7, 127, -1])('kind %i is refused, with facts or a statement', async (kind) => {
    expect(await referral({ kind })).toBe('header-malformed');
    expect(await evidence({ kind })).toBe('header-malformed');
  });

  test('both facts and a statement are refused under either kind', async () => {
    expect(await referral({ statement: STATEMENT })).toBe('header-malformed');
    expect(await referral({ statement: {} })).toBe('header-malformed');
    expect(await evidence({ facts: FACTS })).toBe('statement-malformed');
    expect(await evidence({ facts: {} })).toBe('statement-malformed');
  });

  test('neither of them is refused too', async () => {
    expect(await referral({ facts: null })).toBe('facts-malformed');
    expect(await evidence({ statement: null })).toBe('statement-malformed');
  });
});

describe('an id', () => {
  const WRONG = [
    ['empty', ''],
    ['too short', 'a'.repeat(31)],
    ['too long', 'a'.repeat(33)],
    ['in capitals', 'A'.repeat(32)],
    ['a path', '../../../../../../../../etc/pass'],
    ['with a NUL', `${'a'.repeat(31)}\0`],
    ['with a newline', `${'a'.repeat(32)}\n`],
    ['with a quotation mark', `${'a'.repeat(31)}'`],
    ['with a wildcard', `${'a'.repeat(31)}*`],
  ] as const;
  test.each(WRONG)('of a message or a case is not %s', async (_, id) => {
    expect(await referral({ id })).toBe('id-malformed');
    expect(await referral({ caseId: id })).toBe('id-malformed');
    expect(await evidence({ id })).toBe('id-malformed');
    if (id !== '') expect(await referral({ inReplyTo: id })).toBe('id-malformed');
  });

  test.each([
    ['empty', ''],
    ['without a nation', 'hotline'],
    ['in capitals', 'Hotline.DE'],
    ['with a NUL', 'hotline\0.de'],
    ['with a NUL at the end', 'hotline.de\0'],
    ['with a newline', 'hotline.de\n'],
    ['a path', '../hotline.de'],
    ['with a slash', 'a/b.de'],
    ['a wildcard', '*.de'],
    ['the other wildcard', '>'],
    ['three words', 'a.b.de'],
    ['with an underscore', 'hot_line.de'],
    ['with a letter that only looks right', 'hоtline.de'],
  ])('of a member is not %s', async (_, member) => {
    expect(await referral({ from: member })).toBe('id-malformed');
    expect(await referral({ to: member })).toBe('id-malformed');
    expect(await evidence({ from: member })).toBe('id-malformed');
  });

  test.each([
    ['nothing', '', 'accepted'],
    ['a pseudonym', `pn:${'0f'.repeat(16)}`, 'accepted'],
    ['the word for a program', 'system', 'accepted'],
    ['the word for nobody named', 'unnamed', 'accepted'],
    ['a pseudonym that is too short', `pn:${'0'.repeat(31)}`, 'id-malformed'],
    ['a pseudonym that is too long', `pn:${'0'.repeat(33)}`, 'id-malformed'],
    ['a pseudonym in capitals', `pn:${'A'.repeat(32)}`, 'id-malformed'],
    ['a name', 'muster', 'id-malformed'],
    ['an e-mail address', 'maria@hotline.example', 'id-malformed'],
    ['white space', 'Maria Muster', 'id-malformed'],
    ['a NUL', 'a\0', 'id-malformed'],
    ['a newline', 'a\n', 'id-malformed'],
    ['a slash', 'a/b', 'id-malformed'],
    ['markup', '<b>', 'id-malformed'],
    ['a letter beyond ASCII', 'é', 'id-malformed'],
  ])('of an actor with %s', async (_, actor, code) => {
    expect(await referral({ actor })).toBe(code);
  });
});

describe('the times', () => {
  const issued = (issuedAtMs: number, expiresAtMs: number, nowMs = NOW) =>
    check({ ...REFERRAL, issuedAtMs, expiresAtMs }, nowMs);

  test('a message expires at the very millisecond', async () => {
    expect(await issued(NOW - 10, NOW + 1)).toBe('accepted');
    expect(await issued(NOW - 10, NOW)).toBe('expired');
    expect(await issued(NOW - 10, NOW - 1)).toBe('expired');
  });

  test('a clock may be ahead by the skew, and not by a millisecond more', async () => {
    expect(await issued(NOW + LIMITS.skewMs, NOW + LIMITS.skewMs + 1)).toBe('accepted');
    expect(await issued(NOW + LIMITS.skewMs + 1, NOW + LIMITS.skewMs + 2)).toBe('not-yet-valid');
  });

  test('a message lives for 30 days, and not for a millisecond more', async () => {
    expect(LIMITS.lifetimeMs).toBe(30 * 86_400_000);
    expect(await issued(NOW, NOW + LIMITS.lifetimeMs)).toBe('accepted');
    expect(await issued(NOW, NOW + LIMITS.lifetimeMs + 1)).toBe('lifetime-too-long');
    expect(await issued(NOW - 10 * LIMITS.lifetimeMs, NOW + 1)).toBe('lifetime-too-long');
  });

  test('the end comes after the beginning', async () => {
    expect(await issued(NOW, NOW)).toBe('header-malformed');
    expect(await issued(NOW + 1, NOW)).toBe('header-malformed');
    expect(await issued(NOW, 0)).toBe('header-malformed');
    expect(await issued(0, 0)).toBe('header-malformed');
  });

  test('a time that is no whole number of milliseconds is none', async () => {
    expect(await issued(NOW, 2 ** 53)).toBe('header-malformed');
    const header = {
      ...REFERRAL,
      ...wire.header.decode(wire.header.encode(REFERRAL)),
      expiresAtMs: Number.NaN,
    };
    const sealed = { seal: new Uint8Array(), kid: 'k', header, messageHash: new Uint8Array() };
    expect(await codeOf(() => checkHeader(sealed, { profile: TEST, nowMs: NOW }))).toBe('header-malformed');
  });

  test('evidence has the same', async () => {
    expect(await evidence({ issuedAtMs: NOW - 10, expiresAtMs: NOW })).toBe('expired');
    expect(await evidence({ expiresAtMs: NOW + LIMITS.lifetimeMs + 1 })).toBe('lifetime-too-long');
  });
});

describe('a referral', () => {
  test.each([0, 31, 33, 64])('has no digest of %i bytes', async (size) => {
    expect(await referral({ bodySha256: Buffer.alloc(size, 1) })).toBe('header-malformed');
    expect(await referral({ contentCommitment: Buffer.alloc(size, 1) })).toBe('header-malformed');
  });

  test('is not taken under another schema, or that of another category', async () => {
    expect(await referral({ schemaSha256: Buffer.alloc(32) })).toBe('schema-unknown');
    expect(await referral({ schemaSha256: schemaHash('categories/fraud') })).toBe('schema-unknown');
    expect(await referral({ schemaSha256: Buffer.alloc(0) })).toBe('schema-unknown');
    expect(await referral({ facts: { ...FACTS, category: 'fraud' } })).toBe('schema-unknown');
  });

  test.each([
    ['a word that is in no list', { action: 'destroy' }],
    ['a category that every object has', { category: 'constructor' }],
    ['words of the sender’s own', { purpose: 'Maria Muster lives here' }],
    ['no item', { itemCount: 0 }],
    ['a class twice', { dataClasses: ['free-text', 'free-text'] }],
    ['a deadline beyond all times', { deadlineMs: 2 ** 53 }],
  ])('has no facts with %s', async (_, change) => {
    expect(await referral({ facts: { ...FACTS, ...change } })).toBe('facts-malformed');
  });

  test('has no facts that are empty', async () => {
    expect(await referral({ facts: {} })).toBe('facts-malformed');
  });
});

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
    const abouts = (count: number) => Array.from({ length: count }, () => STATEMENT.about[0]);
    expect(await statement({ about: [] })).toBe('statement-malformed');
    expect(await statement({ about: abouts(1) })).toBe('accepted');
    expect(await statement({ about: abouts(LIMITS.statementAbouts) })).toBe('accepted');
    expect(await statement({ about: abouts(LIMITS.statementAbouts + 1) })).toBe('statement-malformed');
  });

  test('names each message by an id and a whole hash', async () => {
    expect(await about({ messageId: '' })).toBe('statement-malformed');
    expect(await about({ messageId: `${'a'.repeat(31)}\0` })).toBe('statement-malformed');
    expect(await about({ messageHash: Buffer.alloc(31) })).toBe('statement-malformed');
    expect(await about({ messageHash: Buffer.alloc(33) })).toBe('statement-malformed');
    expect(await about({ messageHash: Buffer.alloc(0) })).toBe('statement-malformed');
    expect(await statement({ about: [STATEMENT.about[0], {}] })).toBe('statement-malformed');
  });

  test.each(Object.keys(REJECTIONS))('may say %s', async (code) => {
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
  ])('does not carry %s', async (_, code) => {
    expect(await code).toBe('statement-malformed');
  });
});

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
