import type { FastifyInstance } from 'fastify';
import { logAccess } from '../log-access.js';
import { planRetention } from '../plan-retention.js';
import type { Edge } from '../state.js';
import { PERSON_HEADERS, viewerOf } from './person.js';

/** What will go, and when, before it goes. */
export function routeRetention(app: FastifyInstance, edge: Edge): void {
  app.get(
    '/v1/retention',
    {
      schema: {
        summary: 'What goes from this edge in which month, and what legal holds stop',
        headers: PERSON_HEADERS,
      },
    },
    async (request) => {
      await logAccess(edge, viewerOf(edge, request), 'search', { detail: 'retention' });
      const { proofDays, accessDays, months, held, waiting } = await planRetention(edge);
      return {
        ...{ member: edge.member, proof_days: proofDays, access_days: accessDays, months, waiting },
        held: held.map(({ caseId, sinceMs, ...hold }) => ({
          ...{ case_id: caseId, since: new Date(sinceMs).toISOString() },
          ...hold,
        })),
      };
    },
  );
}
