import { request } from 'node:http';
import { examplePlan } from '@entente/cli';
import { LIMITS } from '@entente/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { seedOf } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';

// The attacker is another program on the machine of hotline.de, or one of its own systems gone wrong.
let net: TestNetwork;
let port: number;
let token: string;
beforeAll(async () => {
  const { name, nations } = examplePlan();
  net = await startTestNetwork({ name, nations: nations.slice(0, 1) }, ['ministry.de', 'isp.de']);
  port = net.home.nations[0]?.members.find(({ id }) => id === 'hotline.de')?.httpPort ?? 0;
  token = seedOf(net.home, 'hotline.de', 'http.token');
});
afterAll(async () => await net?.stop());

interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Not fetch: it would tidy up what an attacker sends. */
async function call(path: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    let isAnswered = false;
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      isAnswered = true;
      response.on('error', reject);
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const { error } = (text.startsWith('{') ? JSON.parse(text) : {}) as Pick<Answer, 'error'>;
        resolve({ status: response.statusCode ?? 0, text, ...(error ? { error } : {}) });
      });
    });
    // Who is refused before all of it was read may find the connection gone behind the answer.
    sent.on('error', (error) => {
      if (!isAnswered) reject(error);
    });
    sent.end(body);
  });
}

const bearer = () => ({ authorization: `Bearer ${token}` });
const json = { 'content-type': 'application/json' };
const notice = (summary?: string) => JSON.stringify(phishingNotice('isp.de', summary));
const post = async (body: string | Buffer, headers: Record<string, string> = {}) =>
  await call('/v1/referrals', { method: 'POST', headers: { ...json, ...bearer(), ...headers }, body });
const sentMessages = async () => (await net.client('hotline.de').messages()).messages.length;

/** Nothing that tells of the program: paths, stacks, modules, versions. */
const INTERNALS = /node_modules|\/work\/|\.[jt]s:\d|at [\w.]+ \(|sqlite|libsql|fastify|ajv|FST_|ECONN|nats:/i;

describe('without the token', () => {
  const PATHS = [
    '/v1/messages',
    '/v1/inbox',
    '/v1/refused',
    '/v1/holds',
    '/v1/messages/x',
    '/v1/cases/x',
    '/v1/nothing',
    '/',
  ];

  it.each(PATHS)('nothing is to be seen at %s', async (path) => {
    const answers = [
      await call(path),
      await call(`${path}?token=${token}`),
      await call(`${path}?access_token=${token}&authorization=Bearer%20${token}`),
      await call(path, { headers: { authorization: token } }),
      await call(path, { headers: { authorization: `bearer  ${token}` } }),
      await call(path, { headers: { authorization: `Basic ${Buffer.from(token).toString('base64')}` } }),
      await call(path, { headers: { authorization: `Bearer ${token.slice(0, -1)}` } }),
      await call(path, { headers: { authorization: `Bearer ${token}${token}` } }),
      await call(path, { headers: { authorization: 'Bearer ' } }),
      await call(path, { headers: { cookie: `token=${token}`, 'x-api-key': token } }),
    ];
    expect(answers.map(({ status, error }) => `${status} ${error?.code}`)).toEqual(
      answers.map(() => '401 unauthorized'),
    );
    expect(answers.filter(({ text }) => text.includes(token))).toEqual([]);
  });

  it.each([
    '/health/../v1/messages',
    '//health',
    '/health/',
    '/health?',
    '/HEALTH',
    '/v1/messages#/health',
    '/openapi.json/../v1/inbox',
    '/%2e%2e/health',
  ])('no way around leads over %s', async (path) => {
    expect((await call(path)).status).toBe(401);
  });

  it('nothing is accepted, and nothing is read that is too long', async () => {
    const before = await sentMessages();
    const answer = await call('/v1/referrals', { method: 'POST', headers: json, body: notice() });
    expect(`${answer.status} ${answer.error?.code}`).toBe('401 unauthorized');
    expect(await sentMessages()).toBe(before);
  });
});

describe('with the token', () => {
  it.each([
    ['a form', 415, 'bad-request', { 'content-type': 'application/x-www-form-urlencoded' }, 'to=isp.de'],
    ['XML', 415, 'bad-request', { 'content-type': 'application/xml' }, '<to>isp.de</to>'],
    ['text', 400, 'bad-request', { 'content-type': 'text/plain' }, 'hello'],
    ['JSON that is none', 400, 'bad-request', {}, '{"to":'],
    ['a list', 400, 'bad-request', {}, '[]'],
    ['nothing', 400, 'bad-request', {}, ''],
    ['a poisoned prototype', 400, 'bad-request', {}, '{"__proto__":{"to":"isp.de"}}'],
    ['an object without anything', 422, 'content-invalid', {}, '{}'],
    [
      'a recipient that nobody knows',
      422,
      'recipient-unknown',
      {},
      notice().replace('"isp.de"', '"nobody.de"'),
    ],
    ['itself as the recipient', 422, 'recipient-unknown', {}, notice().replace('"isp.de"', '"hotline.de"')],
    ['an idempotency key without end', 400, 'bad-request', { 'idempotency-key': 'k'.repeat(201) }, notice()],
    ['two megabytes', 413, 'bad-request', {}, notice('a'.repeat(2 * LIMITS.submission))],
    ['a content over its limit', 422, 'content-invalid', {}, notice('a'.repeat(LIMITS.content / 2))],
  ])('%s is refused, and nothing is kept', async (_name, status, code, headers, body) => {
    const before = await sentMessages();
    const answer = await post(body, headers);
    expect(`${answer.status} ${answer.error?.code}`).toBe(`${status} ${code}`);
    expect(answer.text).not.toMatch(INTERNALS);
    expect(await sentMessages()).toBe(before);
  });

  it.each([
    ['/v1/messages/..%2f..%2fsecrets', 404, 'not-found'],
    ['/v1/messages/%00', 404, 'not-found'],
    [`/v1/cases/${'a'.repeat(65)}`, 400, 'bad-request'],
    ["/v1/cases/' OR 1=1 --".replaceAll(' ', '%20'), 404, 'not-found'],
    ['/v1/messages?limit=-1', 400, 'bad-request'],
    ['/v1/messages?limit=1e9', 400, 'bad-request'],
    ['/v1/nothing', 404, 'not-found'],
  ])('%s shows nothing of what is inside', async (path, status, code) => {
    const answer = await call(path, { headers: bearer() });
    expect(`${answer.status} ${answer.error?.code}`).toBe(`${status} ${code}`);
    expect(answer.text).not.toMatch(INTERNALS);
  });

  it('an Idempotency-Key gives the same message for the same report, and a conflict for another', async () => {
    const key = { 'idempotency-key': 'desk-7' };
    const before = await sentMessages();
    const [first, again] = await Promise.all([post(notice('One.'), key), post(notice('One.'), key)]);
    const later = await post(notice('One.'), key);
    expect([first, again, later].map(({ status }) => status)).toEqual([202, 202, 202]);
    const answers = [first, again, later].map(({ text }) => JSON.parse(text) as Record<string, unknown>);
    expect(new Set(answers.map(({ is_new: _, ...same }) => JSON.stringify(same))).size).toBe(1);
    expect(answers.filter(({ is_new }) => is_new === true)).toHaveLength(1);
    expect(answers[2]?.is_new).toBe(false);
    const other = await post(notice('Another.'), key);
    expect(`${other.status} ${other.error?.code}`).toBe('409 idempotency-conflict');
    expect(other.error?.message).toContain(String(answers[0]?.id));
    expect(await sentMessages()).toBe(before + 1);
  });
});
