import type { FastifyInstance } from 'fastify';
import type { Listed } from '../case-store.js';
import { makeEvidenceFile } from '../evidence-file.js';
import { findThreads } from '../find-threads.js';
import { logAccess } from '../log-access.js';
import type { Edge } from '../state.js';
import { threadJson } from '../thread-json.js';
import { LIST_QUERY } from './list-query.js';
import { namedPersonOf, PERSON_HEADERS, personOf } from './person.js';

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
      await logAccess(edge, personOf(edge, request), 'search', { detail: 'inbox' });
      return { messages: edge.cases.list(request.query.limit).map(summary) };
    },
  );

  app.get<{ Querystring: { limit: number; sender?: string } }>(
    '/v1/refused',
    { schema: { summary: 'Deliveries that this edge did not accept, and why', querystring: REFUSED_QUERY } },
    async ({ query }) => ({
      refused: edge.cases.refused(query.limit, query.sender).map(({ atMs, code, detail, sender }) => ({
        at: new Date(atMs).toISOString(),
        code,
        detail,
        sender,
      })),
    }),
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
      const read = () => ({
        received: edge.cases.inCase(request.params.id),
        sent: edge.outbox.inCase(request.params.id),
      });
      const before = read();
      if (before.received.length + before.sent.length === 0) {
        return reply.code(404).send(unknownCase(edge, request.params.id));
      }
      await logAccess(edge, namedPersonOf(edge, request), 'view', { case_id: request.params.id });
      // Only now: what was erased meanwhile is not shown any more.
      const { received, sent } = read();
      return {
        case_id: request.params.id,
        referrals: findThreads(edge, request.params.id).map((thread) => threadJson(thread, edge.now())),
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
      const person = namedPersonOf(edge, request);
      const { id } = request.params;
      if (!makeEvidenceFile(edge, id, false))
        return reply.code(404).send(unknownCase(edge, request.params.id));
      const detail = request.query.open ? 'evidence file, with what was said' : 'evidence file';
      await logAccess(edge, person, 'export', { case_id: id, detail });
      // Only now: what was erased meanwhile is not shown any more.
      const file = makeEvidenceFile(edge, id, request.query.open);
      return reply.type('application/octet-stream').send(Buffer.from(file ?? ''));
    },
  );
}

/** Whoever asks has the member's token, and may know all of its messages. */
export function unknownCase(edge: Edge, id: string) {
  const caseId =
    edge.outbox.find(id)?.caseId ?? edge.cases.list(MOST_LOOKED_AT).find((row) => row.id === id)?.caseId;
  const hint =
    caseId === undefined
      ? 'Is it the case of another member? "entente inbox", with --sent for what was sent, lists the cases of this one.'
      : `It is the id of a message: its case is ${caseId}.`;
  const message = `The edge of ${edge.member} knows no case with this id. ${hint}`;
  return { error: { code: 'not-found', message } };
}

const MOST_LOOKED_AT = 1000;

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
