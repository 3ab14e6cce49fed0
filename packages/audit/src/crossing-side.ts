import type { wire } from '@entente/contract';

/**
 * Whether a record says that a message has left its nation for another one, or has arrived from there. A first entry at the receiving
 * border is an arrival whatever was decided; at the sending one only a permit lets go.
 */
export function crossingSideOf({
  stage,
  step,
  event,
  verdict,
}: wire.RecordFrame): 'left' | 'came' | undefined {
  if (stage === 'leave') return event !== 'rejection' && verdict?.decision === 'permit' ? 'left' : undefined;
  return stage === 'enter' && step === 'first' ? 'came' : undefined;
}
