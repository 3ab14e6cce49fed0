import { APPROVAL_REASON, nationOf, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { FastifyInstance } from 'fastify';
import { AlreadyDecided, type Choice, decideHold } from '../decide-hold.js';
import type { ApprovalRow, HoldRow } from '../hold-store.js';
import { logAccess } from '../log-access.js';
import type { Edge } from '../state.js';
import { LIST_QUERY } from './list-query.js';
import { namedPersonOf, PERSON_HEADERS, viewerOf } from './person.js';
import { WRITTEN_IN_LINES, WRITTEN_NAME } from './written.js';

const CHOICE = {
  type: 'object',
  additionalProperties: false,
  required: ['decision', 'reason', 'justification'],
  properties: {
    decision: { enum: ['release', 'refuse'] },
    reason: { enum: APPROVAL_REASON },
    justification: { type: 'string', minLength: 1, maxLength: 10_000, pattern: WRITTEN_IN_LINES },
    actor: { type: 'string', minLength: 1, maxLength: 120, pattern: WRITTEN_NAME },
    held_by: {
      type: 'string',
      pattern: '^[A-Z]{2}$',
      description: 'whose gate holds it, where several have it wait for this member',
    },
  },
} as const;

/** What waits for this member's release, and its word on it. */
export function routeHolds(app: FastifyInstance, edge: Edge, wake: () => void): void {
  app.get<{ Querystring: { limit: number } }>(
    '/v1/holds',
    {
      schema: {
        summary: 'Messages of others that wait for a release by this member',
        headers: PERSON_HEADERS,
        querystring: LIST_QUERY,
      },
    },
    async (request) => {
      await logAccess(edge, viewerOf(edge, request), 'search', { detail: 'holds' });
      return { holds: edge.holds.list(request.query.limit).map((row) => toJson(edge, row)) };
    },
  );

  app.post<{
    Params: { hash: string };
    Body: Omit<Choice, 'actor'> & Partial<Choice> & { readonly held_by?: string };
  }>(
    '/v1/holds/:hash',
    {
      schema: {
        summary:
          'Release or refuse a held message (a commitment to the justification travels, its words stay here)',
        headers: PERSON_HEADERS,
        params: { type: 'object', properties: { hash: { type: 'string', pattern: '^[0-9a-f]{64}$' } } },
        body: CHOICE,
      },
    },
    async (request, reply) => {
      const messageHash = Buffer.from(request.params.hash, 'hex');
      const { decision, reason, justification, actor: name, held_by: nation } = request.body;
      const holders = edge.holds.holders(messageHash);
      // What was meant for the one must not be said to the other, when it is said again after a lost answer.
      if (nation === undefined && holders.length > 1) return reply.code(409).send(saySeveral(holders));
      const hold = edge.holds.find(messageHash, nation);
      if (!hold) return reply.code(404).send(NOT_FOUND);
      const actor = name ? edge.actors.pseudonymOf(name) : namedPersonOf(edge, request).actor;
      try {
        const row = await decideHold(edge, hold, { decision, reason, justification, actor });
        wake();
        return reply.code(202).send(decisionJson(row));
      } catch (error) {
        if (error instanceof AlreadyDecided) return reply.code(409).send(DECIDED);
        throw error;
      }
    },
  );
}

const NOT_FOUND = {
  error: { code: 'not-found', message: 'No message with this hash waits for a release by this member.' },
};
const saySeveral = (holders: readonly string[]) => ({
  error: {
    code: 'several-hold-it',
    message: `Each of these nations has it wait for a word of its own: ${holders.join(', ')}. Say in held_by (--held-by) which one this is for.`,
  },
});
const DECIDED = {
  error: {
    code: 'already-decided',
    message: 'This member has decided otherwise before. The first word stands.',
  },
};

function toJson(edge: Edge, { messageHash, role, entry, sinceMs, untilMs }: HoldRow) {
  const { nation, stage, seal, verdict } = wire.record.decode(entry.record);
  const { id, caseId, from, fromRole, to, toRole, facts } = readUnverifiedHeader(seal);
  const decision = edge.holds.decisionOn(messageHash, nation);
  return {
    message_hash: Buffer.from(messageHash).toString('hex'),
    id,
    case_id: caseId,
    from,
    from_role: fromRole,
    to,
    to_role: toRole,
    held_by: nation,
    stage,
    as: `${role}@${nationOf(edge.member)}`,
    facts,
    rules: verdict?.rules ?? [],
    since: new Date(sinceMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    decision: decision ? decisionJson(decision) : null,
    proof: Buffer.from(wire.entry.encode(entry)).toString('base64'),
  };
}

function decisionJson({ id, decision, reason, justification, state, code, createdMs }: ApprovalRow) {
  return { id, decision, reason, justification, state, code, at: new Date(createdMs).toISOString() };
}
