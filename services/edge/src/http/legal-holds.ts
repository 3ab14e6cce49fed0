import type { FastifyInstance } from 'fastify';
import { beginLegalHold, endLegalHold } from '../set-legal-hold.js';
import type { Edge } from '../state.js';
import { CASE_PARAMS, unknownCase } from './cases.js';
import { namedPersonOf, PERSON_HEADERS, SIGNOFF_PROPERTIES, type SignoffBody, signoffOf } from './person.js';
import { WRITTEN } from './written.js';

const REASON = { type: 'string', minLength: 1, maxLength: 500, pattern: WRITTEN } as const;

interface EndBody extends SignoffBody {
  readonly reason?: string;
}

/** What has to stay although its time is over. */
export function routeLegalHolds(app: FastifyInstance, edge: Edge): void {
  app.put<{ Params: { id: string }; Body: SignoffBody & { readonly reason: string } }>(
    '/v1/cases/:id/legal-hold',
    {
      schema: {
        summary: 'Keep all of a case although its time is over, while a law or a court says so',
        headers: PERSON_HEADERS,
        params: CASE_PARAMS,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['reason'],
          properties: {
            reason: {
              ...REASON,
              description: 'where the decision can be found; no name: it stays in the log',
            },
            ...SIGNOFF_PROPERTIES,
          },
        },
      },
    },
    async (request, reply) => {
      const person = namedPersonOf(edge, request);
      const { id } = request.params;
      const order = { reason: request.body.reason, signoff: signoffOf(request.body) };
      const hold = await beginLegalHold(edge, id, order, person);
      if (!hold) return reply.code(404).send(unknownCase(edge, request.params.id));
      const { reason, sinceMs, isNew } = hold;
      return { case_id: id, reason, since: new Date(sinceMs).toISOString(), is_new: isNew };
    },
  );

  app.delete<{ Params: { id: string }; Body: EndBody | null }>(
    '/v1/cases/:id/legal-hold',
    {
      schema: {
        summary: 'End a legal hold',
        headers: PERSON_HEADERS,
        params: CASE_PARAMS,
        body: {
          type: ['object', 'null'],
          additionalProperties: false,
          properties: { reason: REASON, ...SIGNOFF_PROPERTIES },
        },
      },
    },
    async (request, reply) => {
      const person = namedPersonOf(edge, request);
      const { id } = request.params;
      const body = request.body ?? {};
      const order = { reason: body.reason ?? '', signoff: signoffOf(body) };
      if (!(await endLegalHold(edge, id, order, person))) return reply.code(404).send(NO_HOLD);
      return { case_id: id, ended: true };
    },
  );
}

const NO_HOLD = { error: { code: 'not-found', message: 'There is no legal hold on this case.' } };
