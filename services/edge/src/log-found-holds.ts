import { UNNAMED } from '@entente/contract';
import type { AccessEntry } from './access-log.js';
import type { Edge } from './state.js';

export interface FoundHolds {
  readonly begun: readonly string[];
  readonly ended: readonly string[];
}

/** Looks for legal holds that are not as the log of accesses has them, puts them on record, and tells the operator. */
export async function logFoundHolds(edge: Edge): Promise<void> {
  tellFoundHolds(edge, await edge.commit(() => addFoundHolds(edge)));
}

/**
 * A legal hold that somebody has laid or taken away in the database, and not by way of this edge, is an entry as well, in the name of nobody.
 * So are those that an older version has laid. Within a transaction of who calls it: who erases does it in the same one, so that nothing whose
 * hold was taken away goes before the log says so.
 */
export function addFoundHolds(edge: Edge): FoundHolds {
  const said = edge.access.held();
  const holds = edge.legalHolds.list();
  const held = new Set(holds.map(({ caseId }) => caseId));
  const begun = holds.filter(({ caseId }) => !said.has(caseId));
  const ended = [...said].filter((caseId) => !held.has(caseId));
  for (const { caseId, reason } of begun)
    edge.access.add({ ...found(edge), what: 'legal-hold', case_id: caseId, reference: reason });
  for (const caseId of ended)
    edge.access.add({ ...found(edge), what: 'legal-hold-end', case_id: caseId, reference: '' });
  return { begun: begun.map(({ caseId }) => caseId), ended };
}

/** After the transaction: what is rolled back was not found. */
export function tellFoundHolds({ logger }: Edge, { begun, ended }: FoundHolds): void {
  if (begun.length > 0) logger.warn({ cases: begun.slice(0, 10) }, 'legal holds that the log did not know');
  if (ended.length > 0)
    logger.error(
      { cases: ended.slice(0, 10), number: ended.length },
      'ALARM: legal holds were taken out of the database, and not by way of this edge',
    );
}

function found(edge: Edge): Omit<AccessEntry, 'what' | 'case_id'> {
  const about = { message_id: '', justification: '', detail: 'found in the database' };
  return { at_ms: edge.now(), actor: UNNAMED, ...about };
}
