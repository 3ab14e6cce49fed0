import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Note } from '../outbox-row.js';
import type { Edge } from '../state.js';
import { type Accepted, type HandedIn, submit } from '../submit.js';
import { convertXarf } from '../xarf/convert-xarf.js';
import { justificationFor, PERSON_HEADERS, withActor } from './person.js';

/** Of each route that hands in a message. */
export const HAND_IN_HEADERS = {
  type: 'object',
  properties: {
    'idempotency-key': { type: 'string', minLength: 1, maxLength: 200 },
    ...PERSON_HEADERS.properties,
  },
} as const;

export const ACCEPTED = {
  202: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      case_id: { type: 'string' },
      is_new: { type: 'boolean', description: 'false: it was taken before, under the same Idempotency-Key' },
      notes: { type: 'array', items: { type: 'object', additionalProperties: true } },
    },
  },
} as const;

export function acceptedJson({ id, caseId, isNew }: Accepted, notes: readonly Note[] = []) {
  return { id, case_id: caseId, is_new: isNew, notes };
}

/** @throws BadPerson */
export function handedInBy(edge: Edge, request: FastifyRequest, body: object): HandedIn {
  const key = request.headers['idempotency-key'];
  return {
    key: key === undefined ? null : String(key),
    justification: justificationFor(edge, request, body),
  };
}

const MEMBER = { type: 'string', maxLength: 40 } as const;
const ROLE = { type: 'string', maxLength: 20 } as const;

interface XarfQuery {
  readonly to: string;
  readonly to_role: string;
  readonly from_role: string;
  readonly action?: string;
}

/** Taking reports in: ours, and XARF v4. 202 means: on disk, and followed up until it has an outcome. */
export function routeSubmissions(app: FastifyInstance, edge: Edge, wake: () => void): void {
  const accept = async (request: FastifyRequest, submission: object, notes: readonly Note[]) => {
    const value = withActor(request, submission);
    const accepted = await submit(edge, value, { ...handedInBy(edge, request, value), notes });
    wake();
    return acceptedJson(accepted, notes);
  };

  app.post(
    '/v1/referrals',
    {
      schema: {
        summary: 'Send a referral (schemas/submission.json)',
        headers: HAND_IN_HEADERS,
        body: { type: 'object', additionalProperties: true },
        response: ACCEPTED,
      },
    },
    async (request, reply) => reply.code(202).send(await accept(request, request.body as object, [])),
  );

  app.post<{ Querystring: XarfQuery }>(
    '/v1/reports/xarf',
    {
      schema: {
        summary: 'Send a XARF v4 report as a referral',
        headers: HAND_IN_HEADERS,
        querystring: {
          type: 'object',
          required: ['to', 'to_role', 'from_role'],
          additionalProperties: false,
          properties: { to: MEMBER, to_role: ROLE, from_role: ROLE, action: ROLE },
        },
        body: { type: 'object', additionalProperties: true },
        response: ACCEPTED,
      },
    },
    async (request, reply) => {
      const { to, to_role: toRole, from_role: fromRole, action } = request.query;
      const routing = { to, toRole, fromRole, ...(action === undefined ? {} : { action }) };
      const { submission, notes } = convertXarf(request.body, routing, edge.now());
      return reply.code(202).send(await accept(request, submission as object, notes));
    },
  );
}
