import { LIMITS } from '@entente/contract';
import type { Arrived } from './keep-arrived.js';
import type { Edge } from './state.js';

/** In a full case there is as much room once more for what takes something back: a copy that has to go is not kept by what was said too much. */
const FOR_RECALLS = 2;

/**
 * Whether one more message of its sender fits into its case. All of a case is read at once when somebody looks at it; so a sender who fills
 * one takes no more of this edge than this, and nothing of what others may say there.
 * @param others that arrived with it and will be kept
 */
export function hasRoom(edge: Edge, one: Arrived, others: readonly Arrived[]): boolean {
  const { caseId, from } = one.sealed.header;
  const kept = edge.cases.amountOf(caseId, from);
  const isBeside = ({ sealed: { header } }: Arrived) => header.caseId === caseId && header.from === from;
  const coming = [...others.filter(isBeside), one];
  const messages = kept.messages + coming.length;
  const bytes = coming.reduce(
    (sum, { envelope }) => sum + envelope.body.length + envelope.seal.length,
    kept.bytes,
  );
  const times = one.content.update === 'recall' ? FOR_RECALLS : 1;
  return messages <= times * LIMITS.caseMessages && bytes <= times * LIMITS.caseBytes;
}
