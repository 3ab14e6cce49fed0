import { readFileSync } from 'node:fs';
import { newId, type Submission } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logOf, type TestEdge, testEdge } from '../fixture/test-edge.js';
import { createHttpServer } from './server.js';

const EXAMPLE = new URL('../../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission: whole } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const { actor: _, ...submission } = whole;
const REFERRAL = { ...submission, from_role: 'police' };
const WHY = 'Ermittlung 17/26:\nδιώκεται';

let own: TestEdge;
let app: FastifyInstance;
const open = async (member: string, roles: readonly string[]) => {
  own = await testEdge(member);
  const members = new Map([[member, { roles }]]);
  const directory = { nations: new Map([['DE', { members }]]), member: () => undefined };
  app = await createHttpServer(
    { ...own.edge, directory: () => directory as never },
    'token',
    () => undefined,
  );
};
afterEach(async () => {
  await app.close();
  own.close();
});

interface Asked {
  readonly why?: string;
  readonly actor?: string | null;
  readonly body?: object;
  readonly key?: string;
}
async function call(url: string, { why, actor = 'anna', body, key }: Asked = {}) {
  const answer = await app.inject({
    ...{ method: body === undefined ? 'GET' : 'POST', url },
    headers: {
      authorization: 'Bearer token',
      ...(actor === null ? {} : { 'entente-actor': actor }),
      ...(why === undefined ? {} : { 'entente-justification': encodeURIComponent(why) }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { payload: body }),
  });
  const json = answer.json() as { id: string; case_id: string; error?: { code: string; message: string } };
  return { ...json, status: answer.statusCode };
}
const MISSING = { status: 400, error: { code: 'justification-missing' } };

describe.each([['police'], ['prosecutor'], ['court'], ['ministry']])('an authority (%s)', (role) => {
  beforeEach(async () => await open(`${role}.de`, ['hotline', role]));

  test('has to say why a person sends something, in words of the law, and nothing is lost', async () => {
    const refused = await call('/v1/referrals', { body: REFERRAL, key: 'k' });
    expect(refused).toMatchObject(MISSING);
    for (const word of ['Entente-Justification', '--justification', 'Art. 25(1)', 'system'])
      expect(refused.error?.message).toContain(word);
    expect(own.edge.outbox.list(10)).toEqual([]);
    const taken = await call('/v1/referrals', { body: REFERRAL, key: 'k', why: WHY });
    expect(taken.status).toBe(202);
    expect(own.edge.justifications.findById(taken.id)?.text.toString()).toBe(WHY);
  });

  test.each([
    ['is not let off by naming nobody', { actor: null }],
    ['nor by saying so', { actor: 'unnamed' }],
    ['nor by spaces', { why: ' \n\t ' }],
    ['nor by what nobody sees', { why: '\u200b\u2060\ufeff' }],
    ['nor by marks', { why: '-- .' }],
  ])('%s', async (_, asked) => {
    expect(await call('/v1/referrals', { body: REFERRAL, ...asked })).toMatchObject(MISSING);
    expect(await call('/v1/inbox', asked)).toMatchObject(MISSING);
    expect(own.edge.outbox.list(10)).toEqual([]);
    expect(logOf(own.edge)).toEqual([]);
  });

  test('is not asked of a program that acts by itself, also where the body names it', async () => {
    expect((await call('/v1/referrals', { body: REFERRAL, actor: 'system' })).status).toBe(202);
    expect((await call('/v1/referrals', { body: { ...REFERRAL, actor: 'system' } })).status).toBe(202);
    expect((await call('/v1/inbox', { actor: 'system' })).status).toBe(200);
    // The body says who it is, and the header does not make a program of a person.
    const body = { ...REFERRAL, actor: 'bert' };
    expect(await call('/v1/referrals', { body, actor: 'system' })).toMatchObject(MISSING);
  });

  test('has to say why a person looks for, sees and takes out anything, and it is on record', async () => {
    const { id, case_id } = await call('/v1/referrals', { body: REFERRAL, why: WHY });
    const lists = ['messages', 'inbox', 'refused', 'holds', 'erasures', 'inspections', 'retention'];
    const paths = [
      ...lists.map((list) => `/v1/${list}`),
      ...[`/v1/messages/${id}`, `/v1/cases/${case_id}`, '/v1/access'],
    ];
    for (const path of [...paths, `/v1/cases/${case_id}/evidence`, '/v1/actors/pn:0'])
      expect(await call(path), path).toMatchObject(MISSING);
    expect(await call(`/v1/cases/${case_id}/open`, { body: {} })).toMatchObject(MISSING);
    expect(logOf(own.edge)).toEqual([]);
    for (const path of paths) expect((await call(path, { why: WHY })).status, path).toBe(200);
    expect(logOf(own.edge).map(({ justification }) => justification)).toEqual(paths.map(() => WHY));
  });

  test('has to say why it answers, sends on and escalates', async () => {
    const { id, case_id } = await call('/v1/referrals', { body: REFERRAL, why: WHY });
    const onward = { to: 'police.fr', to_role: 'police', necessity: 'because' };
    const ways = [
      ['updates', { update: 'recall', recall_ground: 'mistake' }],
      ['forward', { to: onward.to, to_role: onward.to_role }],
      ['escalate', onward],
    ] as const;
    for (const [way, body] of ways)
      expect(await call(`/v1/cases/${case_id}/${way}`, { body })).toMatchObject(MISSING);
    expect(own.edge.outbox.list(10).map((row) => row.id)).toEqual([id]);
    const said = await call(`/v1/cases/${case_id}/updates`, { body: ways[0][1], why: 'a mistake' });
    expect(said.status).toBe(202);
    expect(own.edge.justifications.findById(said.id)?.text.toString()).toBe('a mistake');
  });

  test('gives the reason of what it erases and keeps in the order itself', async () => {
    const { case_id } = await call('/v1/referrals', { body: REFERRAL, why: WHY });
    const order = { reason: 'request', reference: 'request 12/26' };
    expect((await call(`/v1/cases/${case_id}/erase`, { body: order })).status).toBe(200);
  });
});

describe.each([['hotline'], ['regulator'], ['hosting'], ['auditor']])('who is none (%s)', (role) => {
  beforeEach(async () => await open('other.de', [role]));

  test('may say why, and need not', async () => {
    const silent = await call('/v1/referrals', { body: submission });
    expect(silent.status).toBe(202);
    expect(own.edge.justifications.findById(silent.id)).toBeUndefined();
    expect((await call('/v1/inbox')).status).toBe(200);
    const said = await call('/v1/referrals', { body: submission, why: WHY });
    expect(await call(`/v1/messages/${silent.id}`)).toMatchObject({ justification: null });
    expect(await call(`/v1/messages/${said.id}`)).toMatchObject({ justification: WHY });
    expect(await call(`/v1/cases/${said.case_id}`)).toMatchObject({ sent: [{ justification: WHY }] });
  });
});

describe('what cannot be read is refused, and nothing is taken', () => {
  beforeEach(async () => await open('hotline.de', ['hotline']));

  test.each([
    ['too long', 'w'.repeat(2001)],
    ['a character that nobody sees', 'read\u0000and not read'],
    ['what moves a cursor', 'read\u001b[2K'],
  ])('%s', async (_, why) => {
    const refused = await call('/v1/referrals', { body: submission, why });
    expect(refused).toMatchObject({ status: 400, error: { code: 'actor-malformed' } });
    expect(own.edge.outbox.list(10)).toEqual([]);
  });

  test.each([
    ['half an escape', '%'],
    ['half a character', '%C3'],
    ['half a pair', '%ED%A0%80'],
  ])('%s', async (_, raw) => {
    const headers = { authorization: 'Bearer token', 'entente-actor': 'anna', 'entente-justification': raw };
    const answer = await app.inject({ method: 'POST', url: '/v1/referrals', headers, payload: submission });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'actor-malformed']);
    expect(own.edge.outbox.list(10)).toEqual([]);
  });

  test('and as long as is allowed, in Greek as in English, is taken', async () => {
    const why = 'δ'.repeat(2000);
    const taken = await call('/v1/referrals', { body: submission, why });
    expect(taken.status).toBe(202);
    expect(own.edge.justifications.findById(taken.id)?.text.toString()).toBe(why);
  });

  test('the same key for another reason is told which message has it', async () => {
    const key = newId();
    const { id } = await call('/v1/referrals', { body: submission, key, why: WHY });
    const refused = await call('/v1/referrals', { body: submission, key, why: 'another' });
    expect(refused).toMatchObject({ status: 409, error: { code: 'idempotency-conflict' } });
    expect(refused.error?.message).toContain(id);
  });
});

test('the same list for another reason is an access of its own, though it is asked for at once', async () => {
  await open('hotline.de', ['hotline']);
  for (const why of ['one', 'one', 'two', 'one']) await call('/v1/inbox', { why });
  expect(logOf(own.edge).map(({ justification }) => justification)).toEqual(['one', 'two']);
});
