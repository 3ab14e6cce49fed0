import { INSPECT_REASON, wire } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import { checkStatement } from './check-statement.js';
import { codeOf } from './fixture/code-of.js';
import { DRAFT } from './fixture/test-message.js';

const NONE = {
  ...{ schemaSha256: new Uint8Array(), bodySha256: new Uint8Array(), contentCommitment: new Uint8Array() },
  ...{ protocol: 1, facts: null },
};
const SAYS = {
  ...{ evidence: '', about: [], atMs: 1, justificationCommitment: new Uint8Array() },
  ...{ access: null, inspection: '' },
};
const ABOUT = [{ messageId: DRAFT.id, messageHash: Buffer.alloc(32, 7), code: 'sample' }];
const ACCESS = { size: 8, root: Buffer.alloc(32, 1), oldSize: 3, consistency: [Buffer.alloc(32, 2)] };

const code = async (header: object, statement: object | null) =>
  await codeOf(() =>
    checkStatement({
      ...{ ...DRAFT, ...NONE, ...header },
      statement: statement && { ...SAYS, ...statement },
    } as unknown as wire.HeaderFrame),
  );
const anchor = async (access: object | null, header: object = {}, statement: object = {}) =>
  await code({ kind: wire.Kind.KIND_ANCHOR, to: DRAFT.from, ...header }, { access, ...statement });
const inspection = async (statement: object, header: object = {}) =>
  await code(
    { kind: wire.Kind.KIND_INSPECT, ...header },
    { inspection: 'asked', about: ABOUT, ...statement },
  );

describe('an anchor', () => {
  test('says how large a log is, of its sender for its gate', async () => {
    expect(await anchor(ACCESS)).toBe('accepted');
    expect(await anchor({ ...ACCESS, oldSize: 0, consistency: [] })).toBe('accepted');
  });

  test.each([
    ['no log', null, {}, {}],
    ['another member than its sender', ACCESS, { to: 'isp.de' }, {}],
    ['an empty log', { ...ACCESS, size: 0, oldSize: 0 }, {}, {}],
    ['a log that shrank', { ...ACCESS, oldSize: 9 }, {}, {}],
    ['half a root', { ...ACCESS, root: Buffer.alloc(16) }, {}, {}],
    ['words in place of a root', { ...ACCESS, root: Buffer.from('Maria Muster') }, {}, {}],
    ['words in its proof', { ...ACCESS, consistency: [Buffer.from('Maria Muster')] }, {}, {}],
    ['a proof without an end', { ...ACCESS, consistency: Array(65).fill(Buffer.alloc(32)) }, {}, {}],
    ['a message that it is about', ACCESS, {}, { about: ABOUT }],
    ['a word of evidence', ACCESS, {}, { evidence: 'delivered' }],
    ['a word of an inspection', ACCESS, {}, { inspection: 'asked' }],
    ['a body', ACCESS, { bodySha256: Buffer.alloc(32) }, {}],
    ['facts', ACCESS, { facts: {} }, {}],
  ])('is refused with %s', async (_, access, header, statement) => {
    expect(await anchor(access, header, statement)).toBe('statement-malformed');
  });

  test('is of no other kind', async () => {
    const evidence = { evidence: 'delivered', about: [{ ...ABOUT[0], code: '' }] };
    expect(await code({ kind: 2 }, evidence)).toBe('accepted');
    expect(await code({ kind: 2 }, { ...evidence, access: ACCESS })).toBe('statement-malformed');
    expect(await code({ kind: 2 }, { ...evidence, inspection: 'opened' })).toBe('statement-malformed');
  });
});

describe('an inspection', () => {
  const opened = { inspection: 'opened', about: [{ ...ABOUT[0], code: '' }] };
  const body = { bodySha256: Buffer.alloc(32, 5) };

  test.each(INSPECT_REASON)('is asked for with the reason %s', async (reason) => {
    expect(await inspection({ about: [{ ...ABOUT[0], code: reason }] })).toBe('accepted');
  });

  test('is answered with a body, or with why not', async () => {
    expect(await inspection(opened, body)).toBe('accepted');
    for (const why of ['erased', 'unknown', 'too-large'])
      expect(await inspection({ inspection: 'not-opened', about: [{ ...ABOUT[0], code: why }] })).toBe(
        'accepted',
      );
  });

  test.each([
    ['no word', inspection({ inspection: '' })],
    ['a word of its own', inspection({ inspection: 'now' })],
    ['no message', inspection({ about: [] })],
    ['two messages', inspection({ about: [ABOUT[0], ABOUT[0]] })],
    ['no reason', inspection({ about: [{ ...ABOUT[0], code: '' }] })],
    ['a reason of its own', inspection({ about: [{ ...ABOUT[0], code: 'curiosity' }] })],
    ['half a hash', inspection({ about: [{ ...ABOUT[0], messageHash: Buffer.alloc(8) }] })],
    ['a word of evidence', inspection({ evidence: 'delivered' })],
    ['a body where it asks', inspection({}, body)],
    ['nothing where it opens', inspection(opened)],
    ['a commitment where it opens', inspection(opened, { ...body, contentCommitment: Buffer.alloc(32) })],
    ['a reason where it opens', inspection({ ...opened, about: ABOUT }, body)],
    ['a body where it does not open', inspection({ ...opened, inspection: 'not-opened' }, body)],
    ['a justification in clear', inspection({ justificationCommitment: Buffer.from('because') })],
    ['facts', inspection({}, { facts: {} })],
  ])('is refused with %s', async (_, found) => {
    expect(await found).toBe('statement-malformed');
  });
});

test('what says nothing at all is refused', async () => {
  for (const kind of [2, 3, 5, 6]) expect(await code({ kind }, null)).toBe('statement-malformed');
});
