import { Rejection, SYSTEM } from '@entente/contract';
import { findSent, type Thread } from './find-threads.js';
import type { Forward } from './forwards.js';
import type { Edge } from './state.js';
import { NotPossible, submitAbout, type UpdateRequest } from './submit-update.js';

/**
 * Says by itself, of a referral that was sent on, what was said of the one it was made of. Who never had it is not told that there was one.
 * @param say what is said of it as it is now; undefined: nothing
 */
export function sayOnward(
  edge: Edge,
  { id }: Forward,
  say: (thread: Thread) => Omit<UpdateRequest, 'in_reply_to' | 'actor'> | undefined,
): void {
  if (['refused', 'recalled'].includes(edge.outbox.standing(id)?.outcome ?? 'refused')) return;
  const thread = findSent(edge, id);
  const said = thread && say(thread);
  if (!thread || !said) return;
  try {
    submitAbout(edge, thread, { ...said, actor: SYSTEM }, { key: null });
  } catch (error) {
    // A person was faster, or this end is done with it: what was received is kept all the same.
    if (!(error instanceof NotPossible || error instanceof Rejection)) throw error;
    edge.logger.warn({ err: error, id }, 'what was said of a referral is not said where it was sent on');
  }
}
