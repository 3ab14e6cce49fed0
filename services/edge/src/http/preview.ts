import { newId, rejectionWords } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { type Change, type Reduced, reduce } from '../reduce.js';
import type { Edge } from '../state.js';
import { checkSubmission } from '../submit.js';

/** What would go, and why, before it goes: nothing is sealed, kept or sent, and no gate logs anything. */
export function routePreview(app: FastifyInstance, edge: Edge): void {
  app.post(
    '/v1/preview',
    {
      schema: {
        summary: 'Show what a referral would look like when it goes, and what both gates would say',
        body: { type: 'object', additionalProperties: true },
      },
    },
    async (request) => {
      const submission = await checkSubmission(edge, request.body);
      // Pseudonyms belong to a case: who sends under this case id gets the ones shown here.
      const caseId = submission.case_id ?? newId();
      return { case_id: caseId, ...toJson(await reduce(edge, { caseId, submission }, true)) };
    },
  );
}

function toJson({ content, facts, changes, verdicts }: Reduced) {
  return {
    passes: verdicts.length > 0 && verdicts.every(({ verdict }) => verdict?.decision === 'permit'),
    content,
    facts,
    changes: changes.map(changeToJson),
    verdicts: verdicts.map(({ nation, stage, verdict, clocks }) => ({
      nation,
      stage,
      decision: verdict?.decision ?? '',
      reason: verdict?.reason || rejectionWords(verdict?.code ?? ''),
      rules: verdict?.rules ?? [],
      awaits: verdict?.awaits ?? [],
      clocks,
    })),
  };
}

function changeToJson({ duty, dataClass, nation, rules }: Change) {
  return { duty, data_class: dataClass, nation, rules };
}
