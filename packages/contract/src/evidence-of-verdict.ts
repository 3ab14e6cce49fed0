import type { Evidence } from '../gen/vocabulary.js';

/** What a gate's entry about a message is evidence of: in the sender's nation of its submission, in the recipient's of its relay. */
export function evidenceOfVerdict(stage: string, decision: string): Evidence {
  if (decision === 'hold') return 'held';
  const phase = stage === 'enter' ? 'relay' : 'submission';
  return `${phase}-${decision === 'permit' ? 'accepted' : 'rejected'}`;
}
