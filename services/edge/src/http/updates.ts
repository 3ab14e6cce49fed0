import { UPDATE } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { type EscalationRequest, escalateReferral } from '../escalate-referral.js';
import { type ForwardRequest, forwardReferral } from '../forward-referral.js';
import { hasCase } from '../has-case.js';
import { logAccess } from '../log-access.js';
import { openCase } from '../open-case.js';
import type { Edge } from '../state.js';
import { submitUpdate, type UpdateRequest } from '../submit-update.js';
import { CASE_PARAMS, unknownCase } from './cases.js';
import { namedPersonOf, PERSON_HEADERS, withActor } from './person.js';
import { ACCEPTED, KEY_HEADER } from './submissions.js';

export const UPDATES_ROUTE = '/v1/cases/:id/updates';

/** Saying what becomes of a referral: both ends, item by item. */
export function routeUpdates(app: FastifyInstance, edge: Edge, wake: () => void): void {
  app.post<{
    Params: { id: string };
    Headers: { 'idempotency-key'?: string };
    Body: UpdateRequest;
  }>(
    UPDATES_ROUTE,
    {
      schema: {
        summary: 'Accept, reject, tell outcomes, ask, answer, correct, recall … (schemas/update.json)',
        params: CASE_PARAMS,
        headers: KEY_HEADER,
        body: {
          type: 'object',
          additionalProperties: true,
          required: ['update'],
          properties: { update: { enum: UPDATE } },
        },
        response: ACCEPTED,
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const accepted = submitUpdate(edge, request.params.id, withActor(request, request.body), key);
      if (!accepted) return reply.code(404).send(unknownCase(edge, request.params.id));
      wake();
      return reply.code(202).send({ id: accepted.id, case_id: accepted.caseId, notes: [] });
    },
  );

  app.post<{
    Params: { id: string };
    Headers: { 'idempotency-key'?: string };
    Body: ForwardRequest;
  }>(
    '/v1/cases/:id/forward',
    {
      schema: {
        summary: 'Send a received referral on to another member, and tell its originator',
        params: CASE_PARAMS,
        headers: KEY_HEADER,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['to', 'to_role'],
          properties: {
            to: { type: 'string', maxLength: 40 },
            to_role: { type: 'string', maxLength: 20 },
            change: { type: 'object', additionalProperties: true },
            in_reply_to: { type: 'string', maxLength: 64 },
            actor: { type: 'string', minLength: 1, maxLength: 120 },
          },
        },
        response: ACCEPTED,
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const accepted = forwardReferral(edge, request.params.id, withActor(request, request.body), key);
      if (!accepted) return reply.code(404).send(unknownCase(edge, request.params.id));
      wake();
      return reply.code(202).send({ id: accepted.id, case_id: accepted.caseId, notes: [] });
    },
  );

  app.post<{
    Params: { id: string };
    Headers: { 'idempotency-key'?: string };
    Body: EscalationRequest;
  }>(
    '/v1/cases/:id/escalate',
    {
      schema: {
        summary:
          'Refer a matter to an authority on which its recipient has not acted, and tell that recipient',
        params: CASE_PARAMS,
        headers: KEY_HEADER,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['to', 'to_role', 'necessity'],
          properties: {
            to: { type: 'string', maxLength: 40 },
            to_role: { type: 'string', maxLength: 20 },
            necessity: { type: 'string', description: 'why the authority needs it' },
            change: { type: 'object', additionalProperties: true },
            in_reply_to: { type: 'string', maxLength: 64 },
            actor: { type: 'string', minLength: 1, maxLength: 120 },
          },
        },
        response: ACCEPTED,
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const accepted = escalateReferral(edge, request.params.id, withActor(request, request.body), key);
      if (!accepted) return reply.code(404).send(unknownCase(edge, request.params.id));
      wake();
      return reply.code(202).send({ id: accepted.id, case_id: accepted.caseId, notes: [] });
    },
  );

  app.post<{ Params: { id: string } }>(
    '/v1/cases/:id/open',
    {
      schema: {
        summary: 'Say that a person has opened the case: its senders get evidence of retrieval',
        headers: PERSON_HEADERS,
        params: CASE_PARAMS,
      },
    },
    async (request, reply) => {
      if (!hasCase(edge, request.params.id))
        return reply.code(404).send(unknownCase(edge, request.params.id));
      const person = namedPersonOf(edge, request);
      await logAccess(edge, person, 'open', { case_id: request.params.id });
      const opened = await openCase(edge, request.params.id, person);
      wake();
      return { opened };
    },
  );
}
