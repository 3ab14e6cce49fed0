import { type ErasureReason, ORDER_REASON } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { dropQuarantined } from '../drop-quarantined.js';
import { type ErasureOrder, eraseCase } from '../erase-case.js';
import { logAccess } from '../log-access.js';
import type { Edge } from '../state.js';
import { CASE_PARAMS, unknownCase } from './cases.js';
import { LIST_QUERY } from './list-query.js';
import {
  namedPersonOf,
  PERSON_HEADERS,
  SIGNOFF_PROPERTIES,
  type SignoffBody,
  signoffOf,
  viewerOf,
} from './person.js';
import { WRITTEN } from './written.js';

interface ErasureBody extends SignoffBody {
  readonly reason: ErasureReason;
  readonly reference: string;
}

/** What has to go before its time. */
export function routeErasures(app: FastifyInstance, edge: Edge): void {
  app.post<{ Params: { id: string }; Body: ErasureBody }>(
    '/v1/cases/:id/erase',
    {
      schema: {
        summary: 'Erase contents and proofs of a case now, on a lawful request; a legal hold stops it',
        headers: PERSON_HEADERS,
        params: CASE_PARAMS,
        body: ERASURE_BODY,
      },
    },
    async (request, reply) => {
      const person = namedPersonOf(edge, request);
      const erased = await eraseCase(edge, request.params.id, orderIn(request.body), person);
      if (!erased) return reply.code(404).send(unknownCase(edge, request.params.id));
      if (erased === 'held') return reply.code(409).send(onHold(request.params.id, edge.member));
      return { case_id: request.params.id, ...erased };
    },
  );

  app.post<{ Params: { id: string }; Body: ErasureBody }>(
    '/v1/quarantine/:id/erase',
    {
      schema: {
        summary: 'Drop a message that this edge could not handle; a legal hold on its case stops it',
        headers: PERSON_HEADERS,
        params: CASE_PARAMS,
        body: ERASURE_BODY,
      },
    },
    async (request, reply) => {
      const person = namedPersonOf(edge, request);
      const { id } = request.params;
      const outcome = await dropQuarantined(edge, id, orderIn(request.body), person);
      if (!outcome) return reply.code(404).send(NOT_THERE);
      if (outcome === 'held') return reply.code(409).send(HELD);
      return { id, dropped: true };
    },
  );

  app.get<{ Querystring: { limit: number } }>(
    '/v1/erasures',
    {
      schema: {
        summary:
          'Which cases were erased by order, and why, newest first; what was dropped from quarantine stands in the log of accesses',
        headers: PERSON_HEADERS,
        querystring: LIST_QUERY,
      },
    },
    async (request) => {
      await logAccess(edge, viewerOf(edge, request), 'search', { detail: 'erasures' });
      return {
        erasures: edge.erasures.list(request.query.limit).map(({ caseId, atMs, ...erasure }) => ({
          case_id: caseId,
          ...erasure,
          at: new Date(atMs).toISOString(),
        })),
      };
    },
  );
}

const ERASURE_BODY = {
  type: 'object',
  additionalProperties: false,
  required: ['reason', 'reference'],
  properties: {
    reason: { enum: ORDER_REASON },
    reference: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      pattern: WRITTEN,
      description: 'where the decision can be found; no name',
    },
    ...SIGNOFF_PROPERTIES,
  },
} as const;

/** @throws BadPerson */
function orderIn(body: ErasureBody): ErasureOrder {
  const { reason, reference } = body;
  return { reason, reference, signoff: signoffOf(body) };
}

const NOT_THERE = {
  error: {
    code: 'not-in-quarantine',
    message: 'No message of that name is in quarantine here; see `npx entente quarantine list`.',
  },
};
const HELD = {
  error: {
    code: 'on-legal-hold',
    message: 'Its case is under legal hold: end that first, with `npx entente retention hold CASE --end`.',
  },
};

function onHold(caseId: string, member: string) {
  const command = `npx entente retention hold ${caseId} --member ${member} --end`;
  const call = `DELETE /v1/cases/${caseId}/legal-hold`;
  const message = `This case is under legal hold: end that first, with \`${command}\` (or ${call}).`;
  return { error: { code: 'on-legal-hold', message } };
}
