import { LIMITS, wire } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import { checkHeader } from './check-header.js';
import { check, EVIDENCE_HEADER, evidence, REFERRAL, referral, schemaHash, TEST } from './fixture/check.js';
import { codeOf } from './fixture/code-of.js';
import { FACTS, NOW, STATEMENT } from './fixture/test-message.js';

const LIVE = wire.Profile.PROFILE_LIVE;

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

describe('a commitment to a justification', () => {
  test.each([0, 32])('of %i bytes is taken, whoever says it', async (size) => {
    expect(await referral({ justificationCommitment: Buffer.alloc(size, 1) })).toBe('accepted');
    expect(await evidence({ justificationCommitment: Buffer.alloc(size, 1) })).toBe('accepted');
  });

  test.each([1, 16, 31, 33, 64, 4096])('of %i bytes is refused: it holds no words', async (size) => {
    const justificationCommitment = Buffer.alloc(size, 'Maria Muster ');
    expect(await referral({ justificationCommitment })).toBe('header-malformed');
    expect(await evidence({ justificationCommitment })).toBe('header-malformed');
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
