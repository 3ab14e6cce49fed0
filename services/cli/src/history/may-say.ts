import { wire } from '@entente/contract';

/** What only one end can know: that its own clock has ended. */
const OF_CLOCKS: readonly string[] = ['relay-failed', 'not-delivered', 'not-retrieved'];

/** Of evidence: the recipient says what became of a message; its sender that a clock has ended. */
export function maySay(
  { kind, from, statement }: Pick<wire.HeaderFrame, 'kind' | 'from' | 'statement'>,
  about: Pick<wire.HeaderFrame, 'from' | 'to'>,
): boolean {
  if (kind !== wire.Kind.KIND_EVIDENCE) return true;
  return from === about.to || (OF_CLOCKS.includes(statement?.evidence ?? '') && from === about.from);
}
