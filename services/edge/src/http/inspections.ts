import { INSPECT_REASON } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { askInspection, type InspectionRequest } from '../ask-inspection.js';
import type { InspectionRow } from '../inspection-store.js';
import { logAccess } from '../log-access.js';
import { sendRequests } from '../send-requests.js';
import type { Edge } from '../state.js';
import { underLatest } from '../under-latest.js';
import { LIST_QUERY } from './list-query.js';
import { namedViewerOf, PERSON_HEADERS, viewerOf } from './person.js';

const ID = { type: 'string', pattern: '^[0-9a-f]{32}$' } as const;
const ASK = {
  type: 'object',
  additionalProperties: false,
  required: ['of', 'case_id', 'message_id', 'message_hash', 'reason'],
  properties: {
    of: { type: 'string', maxLength: 40 },
    case_id: ID,
    message_id: ID,
    message_hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    reason: { enum: INSPECT_REASON },
  },
} as const;

/** For auditors: asking an edge of their nation to open a message, and what came of it. */
export function routeInspections(app: FastifyInstance, edge: Edge): void {
  app.post<{ Body: InspectionRequest }>(
    '/v1/inspections',
    {
      schema: {
        summary: 'Ask another edge to open a message of its cases (auditors only)',
        headers: PERSON_HEADERS,
        body: ASK,
      },
    },
    async (request, reply) => {
      const person = namedViewerOf(edge, request);
      const id = await underLatest(edge, () => askInspection(edge, request.body, person));
      await sendRequests(edge);
      return reply.code(202).send({ id });
    },
  );

  app.get<{ Querystring: { limit: number } }>(
    '/v1/inspections',
    {
      schema: {
        summary: 'What was asked for, newest first, without content',
        headers: PERSON_HEADERS,
        querystring: LIST_QUERY,
      },
    },
    async (request) => {
      await logAccess(edge, viewerOf(edge, request), 'search', { detail: 'inspections' });
      return { inspections: edge.inspections.list(request.query.limit).map((row) => toJson(edge, row)) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/v1/inspections/:id',
    {
      schema: {
        summary:
          'One inspection: whether what was opened is what was sealed, what it said, and why it was sent',
        headers: PERSON_HEADERS,
        params: { type: 'object', properties: { id: { type: 'string', maxLength: 64 } } },
      },
    },
    async (request, reply) => {
      const person = namedViewerOf(edge, request);
      const row = edge.inspections.find(request.params.id);
      if (!row) return reply.code(404).send(UNKNOWN);
      const { caseId, messageId, member } = row;
      // Waiting for an answer shows nothing.
      if (row.content + row.justification === '')
        return { ...toJson(edge, row), content: '', justification: '' };
      await logAccess(edge, person, 'view', {
        ...{ case_id: caseId, message_id: messageId, detail: `opened by ${member}` },
      });
      // Only now: what was erased meanwhile is not shown any more.
      const { content = '', justification = '' } = edge.inspections.find(row.id) ?? {};
      return { ...toJson(edge, row), content, justification };
    },
  );
}

const UNKNOWN = {
  error: { code: 'not-found', message: 'This edge has asked for no inspection with this id.' },
};

function toJson(edge: Edge, row: InspectionRow) {
  const { id, member, caseId, messageId, messageHash, reason, createdMs, answeredMs } = row;
  const request = edge.requests.find(id);
  return {
    ...{ id, of: member, case_id: caseId, message_id: messageId, reason },
    ...{ result: row.result, justified: row.justified },
    message_hash: Buffer.from(messageHash).toString('hex'),
    state: request?.state ?? 'expired',
    code: request?.code ?? '',
    asked_at: new Date(createdMs).toISOString(),
    answered_at: answeredMs === null ? null : new Date(answeredMs).toISOString(),
  };
}
