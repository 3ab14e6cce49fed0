import { nationOf } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import type { EvidenceRow } from '../evidence-book.js';
import { logAccess } from '../log-access.js';
import type { OutboxRow } from '../outbox-row.js';
import type { Edge } from '../state.js';
import { LIST_QUERY } from './list-query.js';
import { PERSON_HEADERS, viewerOf } from './person.js';

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
      await logAccess(edge, viewerOf(edge, request), 'search', { detail: 'messages' });
      return { messages: edge.outbox.list(request.query.limit).map((row) => summary(edge, row)) };
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
      await logAccess(edge, viewerOf(edge, request), 'view', about);
      const evidence = edge.evidence.list(row.id).map(toJson);
      return {
        ...summary(edge, row),
        message_hash: row.messageHash && Buffer.from(row.messageHash).toString('hex'),
        justification: whyOf(edge, row.id),
        attempts: row.attempts,
        evidence,
      };
    },
  );
}

/** Why this member has sent it; null where nobody has said so, or it is forgotten. */
export function whyOf(edge: Edge, id: string): string | null {
  return edge.justifications.findById(id)?.text.toString() ?? null;
}

function summary(edge: Edge, row: OutboxRow) {
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
    is_overdue: isUnderWay(row) && edge.now() >= row.deliveryDueMs,
    is_relay_overdue: isRelayOverdue(edge, row),
    ended_at: row.endedMs === null ? null : new Date(row.endedMs).toISOString(),
    ms: row.endedMs === null ? null : row.endedMs - row.createdMs,
  };
}

function isUnderWay({ state, outcome }: OutboxRow): boolean {
  return state !== 'ended' && outcome !== 'held';
}

/** Of a message to another nation: its gate should have answered by now. */
function isRelayOverdue(edge: Edge, row: OutboxRow): boolean {
  const there = nationOf(row.to);
  if (!isUnderWay(row) || there === nationOf(edge.member)) return false;
  return edge.now() >= row.relayDueMs && !edge.evidence.has(row.id, 'relay-accepted', there);
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
