import type { FastifyInstance } from 'fastify';
import type { Listed } from '../case-store.js';
import { makeEvidenceFile } from '../evidence-file.js';
import { findThreads } from '../find-threads.js';
import { hasCase } from '../has-case.js';
import { logAccess } from '../log-access.js';
import type { Edge } from '../state.js';
import { linksJson, threadJson } from '../thread-json.js';
import { LIST_QUERY } from './list-query.js';
import { whyOf } from './messages.js';
import { namedViewerOf, PERSON_HEADERS, viewerOf } from './person.js';

export const CASE_PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 64 } } } as const;

const REFUSED_QUERY = {
  ...LIST_QUERY,
  properties: {
    ...LIST_QUERY.properties,
    sender: {
      type: 'string',
      maxLength: 40,
      description: 'of this member alone; empty: of who is not proved',
    },
  },
} as const;

/** What this member received. */
export function routeCases(app: FastifyInstance, edge: Edge): void {
  app.get<{ Querystring: { limit: number } }>(
    '/v1/inbox',
    {
      schema: {
        summary: 'What was received, newest first',
        headers: PERSON_HEADERS,
        querystring: LIST_QUERY,
      },
    },
    async (request) => {
      await logAccess(edge, viewerOf(edge, request), 'search', { detail: 'inbox' });
      return { messages: edge.cases.list(request.query.limit).map(summary) };
    },
  );

  app.get<{ Querystring: { limit: number; sender?: string } }>(
    '/v1/refused',
    {
      schema: {
        summary: 'Deliveries that this edge did not accept, and why',
        headers: PERSON_HEADERS,
        querystring: REFUSED_QUERY,
      },
    },
    async (request) => {
      await logAccess(edge, viewerOf(edge, request), 'search', { detail: 'refused' });
      const { limit, sender: of } = request.query;
      return {
        refused: edge.cases.refused(limit, of).map(({ atMs, code, detail, sender }) => ({
          at: new Date(atMs).toISOString(),
          code,
          detail,
          sender,
        })),
      };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/v1/cases/:id',
    {
      schema: {
        summary: 'All messages of one case, with their content',
        headers: PERSON_HEADERS,
        params: CASE_PARAMS,
      },
    },
    async (request, reply) => {
      const { id: caseId } = request.params;
      if (!hasCase(edge, caseId)) return reply.code(404).send(unknownCase(edge, caseId));
      await logAccess(edge, namedViewerOf(edge, request), 'view', { case_id: caseId });
      // Only now: what was erased meanwhile is not shown any more.
      const [received, sent] = [edge.cases.inCase(caseId), edge.outbox.inCase(caseId)];
      return {
        case_id: caseId,
        referrals: findThreads(edge, caseId).map((thread) => ({
          ...threadJson(thread, edge.now()),
          ...linksJson(edge, thread),
        })),
        received: received.map((row) => ({
          ...summary(row),
          content: JSON.parse(row.content) as unknown,
          proof: Buffer.from(row.passage).toString('base64'),
        })),
        sent: sent.map(({ id, to, action, updateWord, outcome, reason, submission, removedMs }) => ({
          id,
          to,
          action,
          update: updateWord,
          outcome,
          reason,
          justification: whyOf(edge, id),
          copy_removed_at: removedMs === null ? null : new Date(removedMs).toISOString(),
          content: submission.content,
        })),
      };
    },
  );

  app.get<{ Params: { id: string }; Querystring: { open: boolean } }>(
    '/v1/cases/:id/evidence',
    {
      schema: {
        summary: 'All that can be proved about one case, as one file (protobuf EvidenceFile)',
        headers: PERSON_HEADERS,
        params: CASE_PARAMS,
        querystring: {
          type: 'object',
          properties: { open: { type: 'boolean', default: false, description: 'with what was said' } },
        },
      },
    },
    async (request, reply) => {
      const person = namedViewerOf(edge, request);
      const { id } = request.params;
      if (!hasCase(edge, id)) return reply.code(404).send(unknownCase(edge, id));
      const detail = request.query.open ? 'evidence file, with what was said' : 'evidence file';
      await logAccess(edge, person, 'export', { case_id: id, detail });
      // Only now: what was erased meanwhile is not shown any more.
      const file = makeEvidenceFile(edge, id, request.query.open);
      if (!file) return reply.code(404).send(ERASED);
      return reply.type('application/octet-stream').send(Buffer.from(file));
    },
  );
}

const ERASED = {
  error: {
    code: 'erased',
    message: 'What would prove anything about this case is erased, or was never sealed.',
  },
};

/** Whoever asks has the member's token, and may know all of its messages. */
export function unknownCase(edge: Edge, id: string) {
  const caseId = edge.outbox.find(id)?.caseId ?? edge.cases.caseOf(id);
  const hint =
    caseId === undefined
      ? 'Is it the case of another member? "entente inbox", with --sent for what was sent, lists the cases of this one.'
      : `It is the id of a message: its case is ${caseId}.`;
  const message = `The edge of ${edge.member} knows no case with this id. ${hint}`;
  return { error: { code: 'not-found', message } };
}

function summary(row: Listed) {
  const { id, sender, caseId, category, action, receivedMs, messageHash } = row;
  return {
    id,
    from: sender,
    case_id: caseId,
    category,
    action,
    update: row.updateWord,
    in_reply_to: row.inReplyTo,
    received_at: new Date(receivedMs).toISOString(),
    opened_at: row.openedMs === null ? null : new Date(row.openedMs).toISOString(),
    copy_removed_at: row.removedMs === null ? null : new Date(row.removedMs).toISOString(),
    message_hash: Buffer.from(messageHash).toString('hex'),
  };
}
