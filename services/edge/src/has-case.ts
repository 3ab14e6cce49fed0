import type { Edge } from './state.js';

/** Whether this member has sent or received anything in a case. */
export function hasCase({ cases, outbox }: Edge, caseId: string): boolean {
  return cases.senderIn(caseId) !== undefined || outbox.recipientIn(caseId) !== undefined;
}
