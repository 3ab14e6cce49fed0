import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestEdge, testEdge } from '../fixture/test-edge.js';
import type { CheckedSubmission } from '../outbox-row.js';
import { keep } from '../submit.js';
import { createHttpServer } from './server.js';

const EXAMPLE = new URL('../../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const whole = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };
const { submission } = whole;

let own: TestEdge;
let app: FastifyInstance;
let sent: { id: string; caseId: string };
beforeEach(async () => {
  own = await testEdge();
  app = await createHttpServer(own.edge, 'token', () => undefined);
  sent = keep(own.edge, submission, { key: null, createdMs: own.clock.ms });
});
afterEach(async () => {
  await app.close();
  own.close();
});

async function post(url: string, payload: object | string, type = 'application/json') {
  const headers = { authorization: 'Bearer token', 'entente-actor': 'system', 'content-type': type };
  const answer = await app.inject({ method: 'POST', url, headers, payload });
  const { error } = answer.json() as { error: { code: string; message: string } };
  return { status: answer.statusCode, ...error };
}

describe('a request that cannot be taken is answered with what to do', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded'])('sent as %s', async (type) => {
    const { message } = await post('/v1/referrals', JSON.stringify(submission), type);
    expect(message).toContain('"Content-Type: application/json"');
  });

  test('a whole file of examples/, of which one part is meant', async () => {
    const refused = await post('/v1/referrals', whole);
    expect(refused).toMatchObject({ status: 422, code: 'content-invalid' });
    expect(refused.message).toContain('the part under "submission"');
  });

  test('a word that no list has, with the list', async () => {
    const { message } = await post(`/v1/cases/${sent.caseId}/updates`, { update: 'agree' });
    expect(message).toMatch(/^body\/update must be one of accept, /);
    const erased = await post(`/v1/cases/${sent.caseId}/erase`, { reason: 'whim', reference: 'x' });
    expect(erased.message).toBe('body/reason must be one of request, order, mistake');
  });

  test('an update that lacks something, under the name of what it is', async () => {
    const refused = await post(`/v1/cases/${sent.caseId}/updates`, { update: 'recall' });
    expect(refused).toMatchObject({ status: 422, code: 'content-invalid' });
    expect(refused.message).toMatch(/^What you say about this referral .*: \/ lacks "recall_ground"$/);
  });

  test('the id of a message, with its case; any other id, with the member that was asked', async () => {
    const { message } = await post(`/v1/cases/${sent.id}/updates`, { update: 'close' });
    expect(message).toContain('The edge of hotline.de knows no case');
    expect(message).toContain(`its case is ${sent.caseId}`);
    const other = await post(`/v1/cases/${'0'.repeat(32)}/updates`, { update: 'close' });
    expect(other).toMatchObject({ status: 404, message: expect.stringContaining('entente inbox') });
  });
});

test('/openapi.json says field by field what is posted', async () => {
  const { paths } = (await app.inject({ url: '/openapi.json' })).json();
  for (const path of ['/v1/referrals', '/v1/preview']) {
    const { schema } = paths[path].post.requestBody.content['application/json'];
    expect(schema.required).toEqual(['to', 'to_role', 'from_role', 'content']);
    expect(schema.properties.to_role.enum).toContain('hosting');
    expect(schema.properties.case_id.pattern).toBe('^[0-9a-f]{32}$');
    expect(JSON.stringify(schema)).not.toContain('$ref');
  }
});
