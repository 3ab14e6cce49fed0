import type { Edge } from './state.js';

/** Whether this member has sent or received anything in a case. */
export function hasCase({ cases, outbox }: Edge, caseId: string): boolean {
  return cases.hasCase(caseId) || outbox.hasCase(caseId);
}

/**
 * Whether a member may say something in a case: this member has sent it something there, or has taken something from it. So a case has as
 * many parties as this member wants, and nobody enters it by naming it; none of them learns who the others are, for what is said is said of
 * one referral, between two.
 */
export function isParty({ cases, outbox }: Edge, caseId: string, member: string): boolean {
  return outbox.hasSentTo(caseId, member) || cases.hasFrom(caseId, member);
}
