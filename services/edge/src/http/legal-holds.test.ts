import { readFileSync } from 'node:fs';
import type { Referral, Submission } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logOf, type TestEdge, testEdge } from '../fixture/test-edge.js';
import { keep } from '../submit.js';
import { createHttpServer } from './server.js';

const EXAMPLE = new URL('../../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const NAME = 'Maria Müstermann';
const REASON = { reason: 'court file 17/26' };
const ERASURE = { reason: 'request', reference: 'request 12/26' };
const SIGNOFF = { proposed_by: 'unit 4', approved_by: ['legal service'] };

let own: TestEdge;
let app: FastifyInstance;
let path: string;
beforeEach(async () => {
  own = await testEdge();
  app = await createHttpServer(own.edge, 'token', () => undefined);
  const content = submission.content as Referral;
  const { caseId } = keep(own.edge, { ...submission, content }, { key: null, createdMs: own.clock.ms });
  path = `/v1/cases/${caseId}`;
});
afterEach(async () => {
  await app.close();
  own.close();
});

async function ask(method: 'PUT' | 'DELETE' | 'POST', what: string, payload?: object, name: string = NAME) {
  const person = name === '' ? {} : { 'entente-actor': encodeURIComponent(name) };
  const headers = { authorization: 'Bearer token', ...person };
  const answer = await app.inject({
    ...{ method, url: `${path}/${what}`, headers },
    ...(payload ? { payload } : {}),
  });
  const { error } = answer.json() as { error?: { code: string } };
  return [answer.statusCode, ...(error ? [error.code] : [])];
}
const entries = () => logOf(own.edge).map(({ what, proposed_by }) => [what, proposed_by ?? '']);

test('a legal hold is laid, lifted, and an erasure ordered, by a person who is named', async () => {
  expect(await ask('PUT', 'legal-hold', { ...REASON, ...SIGNOFF })).toEqual([200]);
  expect(await ask('POST', 'erase', ERASURE)).toEqual([409, 'on-legal-hold']);
  expect(await ask('DELETE', 'legal-hold', { ...REASON, ...SIGNOFF })).toEqual([200]);
  expect(await ask('POST', 'erase', { ...ERASURE, ...SIGNOFF })).toEqual([200]);
  expect(entries()).toEqual([
    ['legal-hold', 'unit 4'],
    ['legal-hold-end', 'unit 4'],
    ['erasure-order', 'unit 4'],
  ]);
  expect(new Set(logOf(own.edge).map(({ actor }) => actor))).toEqual(
    new Set([own.edge.actors.pseudonymOf(NAME)]),
  );
  expect(JSON.stringify(logOf(own.edge))).not.toContain('Maria');
});

test('nobody else has to be named, and a hold is lifted without a word', async () => {
  expect(await ask('PUT', 'legal-hold', REASON)).toEqual([200]);
  expect(await ask('DELETE', 'legal-hold')).toEqual([200]);
  expect(await ask('DELETE', 'legal-hold')).toEqual([404, 'not-found']);
  expect(entries()).toEqual([
    ['legal-hold', ''],
    ['legal-hold-end', ''],
  ]);
});

test('by nobody, or by units that are none, nothing is done and nothing logged', async () => {
  await ask('PUT', 'legal-hold', REASON);
  for (const asked of [
    ['PUT', 'legal-hold', REASON],
    ['DELETE', 'legal-hold'],
    ['POST', 'erase', ERASURE],
  ] as const) {
    expect(await ask(asked[0], asked[1], asked[2], '')).toEqual([400, 'actor-missing']);
    const units = { ...asked[2], proposed_by: 'unit\n4' };
    expect(await ask(asked[0], asked[1], units)).toEqual([400, 'signoff-malformed']);
    const twice = { ...asked[2], approved_by: ['court', 'court'] };
    expect(await ask(asked[0], asked[1], twice)).toEqual([400, 'signoff-malformed']);
  }
  expect(entries()).toEqual([['legal-hold', '']]);
});

test('a message in quarantine is dropped by a person who is named and says why, and by nobody else', async () => {
  const [id, url] = ['a'.repeat(32), `/v1/quarantine/${'a'.repeat(32)}/erase`];
  const message = { source: 'isp.de', subject: 'edge.in.hotline_de', bytes: Buffer.from('unreadable') };
  own.edge.quarantine.keep(id, message, new Error(), own.clock.ms);
  const drop = async (payload: object, name?: string) => {
    const person = name === undefined ? {} : { 'entente-actor': encodeURIComponent(name) };
    const headers = { authorization: 'Bearer token', ...person };
    const answer = await app.inject({ method: 'POST', url, headers, payload });
    return [answer.statusCode, (answer.json() as { error?: { code: string } }).error?.code];
  };
  expect(await drop(ERASURE)).toEqual([400, 'actor-missing']);
  expect((await drop({ reason: 'request' }, NAME))[0]).toBe(400);
  expect((await drop({ ...ERASURE, reason: 'time-over' }, NAME))[0]).toBe(400);
  expect([own.edge.quarantine.count(), logOf(own.edge)]).toEqual([1, []]);
  expect(await drop({ ...ERASURE, ...SIGNOFF }, NAME)).toEqual([200, undefined]);
  expect([own.edge.quarantine.count(), entries()]).toEqual([
    0,
    [
      ['erasure-order', 'unit 4'],
      ['erasure', ''],
    ],
  ]);
  expect(await drop(ERASURE, NAME)).toEqual([404, 'not-in-quarantine']);
});
