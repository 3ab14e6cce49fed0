import { isResponsible, type Signoff } from './is-responsible.js';

/** What is wrong where `readSignoff` finds none. */
export const NO_SIGNOFF =
  'its proposed_by and approved_by are not units or file numbers, on one short line each';

/**
 * From a file of an operator: `{"proposed_by": "…", "approved_by": ["…"]}`, where either may be left out.
 * @returns undefined if it cannot stand in a log
 */
export function readSignoff(value: Readonly<Record<string, unknown>>): Signoff | undefined {
  const { proposed_by: proposedBy = '', approved_by: approvedBy = [] } = value;
  if (typeof proposedBy !== 'string' || !Array.isArray(approvedBy)) return undefined;
  if (!approvedBy.every((one) => typeof one === 'string')) return undefined;
  const signoff = { proposedBy, approvedBy: approvedBy as string[] };
  return isResponsible(signoff) ? signoff : undefined;
}
