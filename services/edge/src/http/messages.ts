import type { FastifyInstance } from 'fastify';
import type { EvidenceRow } from '../evidence-book.js';
import { logAccess } from '../log-access.js';
import type { OutboxRow } from '../outbox-row.js';
import type { Edge } from '../state.js';
import { LIST_QUERY } from './list-query.js';
import { PERSON_HEADERS, personOf } from './person.js';

/** What became of what this member sent: state, outcome, and every piece of evidence with its proof. */
export function routeMessages(app: FastifyInstance, edge: Edge): void {
  app.get<{ Querystring: { limit: number } }>(
    '/v1/messages',
    {
      schema: {
        summary: 'What this member has sent, newest first',
        headers: PERSON_HEADERS,
        querystring: LIST_QUERY,
      },
    },
    async (request) => {
      await logAccess(edge, personOf(edge, request), 'search', { detail: 'messages' });
      return { messages: edge.outbox.list(request.query.limit).map((row) => summary(row, edge.now())) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/v1/messages/:id',
    {
      schema: {
        summary: 'One message with its evidence',
        headers: PERSON_HEADERS,
        params: { type: 'object', properties: { id: { type: 'string', maxLength: 64 } } },
      },
    },
    async (request, reply) => {
      const row = edge.outbox.find(request.params.id);
      if (!row)
        return reply
          .code(404)
          .send({ error: { code: 'not-found', message: 'This edge has sent no message with this id.' } });
      const about = { case_id: row.caseId, message_id: row.id };
      await logAccess(edge, personOf(edge, request), 'view', about);
      const evidence = edge.evidence.list(row.id).map(toJson);
      return {
        ...summary(row, edge.now()),
        message_hash: row.messageHash && Buffer.from(row.messageHash).toString('hex'),
        attempts: row.attempts,
        evidence,
      };
    },
  );
}

function summary(row: OutboxRow, nowMs: number) {
  return {
    id: row.id,
    case_id: row.caseId,
    to: row.to,
    category: row.category,
    action: row.action,
    update: row.updateWord,
    in_reply_to: row.inReplyTo,
    state: row.state,
    outcome: row.outcome,
    code: row.code,
    reason: row.reason,
    notes: row.notes,
    created_at: new Date(row.createdMs).toISOString(),
    expires_at: new Date(row.expiresMs).toISOString(),
    // Held is not late: somebody has it before them.
    is_overdue: row.state !== 'ended' && row.outcome !== 'held' && nowMs >= row.deliveryDueMs,
    ended_at: row.endedMs === null ? null : new Date(row.endedMs).toISOString(),
    ms: row.endedMs === null ? null : row.endedMs - row.createdMs,
  };
}

/** `proof` is a gate's Entry or another edge's Passage (protobuf, base64): `entente proof verify` reads it. */
function toJson({ evidence, source, atMs, code, reason, rules, raw }: EvidenceRow) {
  return {
    evidence,
    source,
    at: new Date(atMs).toISOString(),
    code,
    reason,
    rules,
    proof: Buffer.from(raw).toString('base64'),
  };
}
