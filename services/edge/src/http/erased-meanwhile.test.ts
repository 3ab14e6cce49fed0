import { newId } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestEdge, testEdge } from '../fixture/test-edge.js';
import {
  ABOUT,
  CASE,
  eraseReceived,
  erasingFirst,
  inspectedEdge,
  MESSAGE,
  SECRET,
} from '../fixture/test-inspection.js';
import type { Edge } from '../state.js';
import { createHttpServer } from './server.js';

let own: TestEdge;
let edge: Edge;
beforeEach(async () => {
  own = await testEdge('isp.de');
  edge = await inspectedEdge(own);
});
afterEach(() => own.close());

describe('what is erased while its being seen is put on record', () => {
  let app: FastifyInstance;
  beforeEach(async () => {
    app = await createHttpServer(
      { ...edge, commit: erasingFirst(edge, () => eraseReceived(edge)) },
      'token',
      () => undefined,
    );
  });
  afterEach(() => app.close());
  const get = async (url: string) => {
    const headers = { authorization: 'Bearer token', 'entente-actor': 'desk' };
    const { statusCode, rawPayload } = await app.inject({ url, headers });
    expect(statusCode).toBe(200);
    return rawPayload.toString('latin1');
  };

  test.each([
    ['with its case', ''],
    ['in its evidence file', '/evidence?open=true'],
  ])('is not shown %s', async (_where, path) => {
    const shown = await get(`/v1/cases/${CASE}${path}`);
    expect(shown).toContain(CASE);
    expect(shown).not.toContain(SECRET);
  });

  const SHOWN = { result: 'match', content: SECRET, justified: 'opened', justification: SECRET } as const;

  test('is not shown to an auditor for whom it was opened', async () => {
    const id = newId();
    const asked = { id, caseId: CASE, messageId: MESSAGE, messageHash: ABOUT, member: 'isp.de' };
    edge.inspections.ask({ ...asked, reason: 'sample', createdMs: edge.now() });
    edge.inspections.end(id, SHOWN, edge.now());
    await app.close();
    const commit = erasingFirst(edge, () => edge.inspections.removeContent(id));
    app = await createHttpServer({ ...edge, commit }, 'token', () => undefined);
    expect(JSON.parse(await get(`/v1/inspections/${id}`))).toMatchObject({
      ...{ result: 'match', content: '', justified: 'opened', justification: '' },
    });
  });
});
