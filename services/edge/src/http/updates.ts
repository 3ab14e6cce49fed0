import { UPDATE } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { type EscalationRequest, escalateReferral } from '../escalate-referral.js';
import { type ForwardRequest, forwardReferral } from '../forward-referral.js';
import { hasCase } from '../has-case.js';
import { logAccess } from '../log-access.js';
import { openCase } from '../open-case.js';
import type { Edge } from '../state.js';
import type { Accepted, HandedIn } from '../submit.js';
import { submitUpdate, type UpdateRequest } from '../submit-update.js';
import { underLatest } from '../under-latest.js';
import { CASE_PARAMS, unknownCase } from './cases.js';
import { namedViewerOf, PERSON_HEADERS, withActor } from './person.js';
import { ACCEPTED, acceptedJson, HAND_IN_HEADERS, handedInBy } from './submissions.js';

export const UPDATES_ROUTE = '/v1/cases/:id/updates';

/** To whom a referral goes on, and what is said otherwise in it. */
const ONWARD = {
  to: { type: 'string', maxLength: 40 },
  to_role: { type: 'string', maxLength: 20 },
  change: { type: 'object', additionalProperties: true },
  in_reply_to: { type: 'string', maxLength: 64 },
  actor: { type: 'string', minLength: 1, maxLength: 120 },
} as const;

/** Saying what becomes of a referral: both ends, item by item. */
export function routeUpdates(app: FastifyInstance, edge: Edge, wake: () => void): void {
  /** Each is answered as what it hands in: a message that waits for its way. */
  const handIn = <Body extends object>(
    path: string,
    summary: string,
    body: object,
    submit: (edge: Edge, caseId: string, body: Body, handedIn: HandedIn) => Accepted | undefined,
  ): void => {
    app.post<{ Params: { id: string }; Body: Body }>(
      path,
      { schema: { summary, params: CASE_PARAMS, headers: HAND_IN_HEADERS, body, response: ACCEPTED } },
      async (request, reply) => {
        const said = withActor(request, request.body as Body);
        const handedIn = handedInBy(edge, request, said);
        const accepted = await underLatest(edge, () => submit(edge, request.params.id, said, handedIn));
        if (!accepted) return reply.code(404).send(unknownCase(edge, request.params.id));
        wake();
        return reply.code(202).send(acceptedJson(accepted));
      },
    );
  };

  handIn<UpdateRequest>(
    UPDATES_ROUTE,
    'Accept, reject, tell outcomes, ask, answer, correct, recall … (schemas/update.json)',
    {
      ...{ type: 'object', additionalProperties: true, required: ['update'] },
      properties: { update: { enum: UPDATE } },
    },
    submitUpdate,
  );
  handIn<ForwardRequest>(
    '/v1/cases/:id/forward',
    'Send a received referral on to another member, and tell its originator',
    {
      ...{ type: 'object', additionalProperties: false, required: ['to', 'to_role'] },
      properties: ONWARD,
    },
    forwardReferral,
  );
  handIn<EscalationRequest>(
    '/v1/cases/:id/escalate',
    'Refer a matter to an authority on which its recipient has not acted, and tell that recipient',
    {
      ...{ type: 'object', additionalProperties: false, required: ['to', 'to_role', 'necessity'] },
      properties: { ...ONWARD, necessity: { type: 'string', description: 'why the authority needs it' } },
    },
    escalateReferral,
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
      const person = namedViewerOf(edge, request);
      await logAccess(edge, person, 'open', { case_id: request.params.id });
      const opened = await openCase(edge, request.params.id, person);
      wake();
      return { opened };
    },
  );
}
