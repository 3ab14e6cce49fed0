import { atMost, type Gathering, gather } from '@entente/runtime';

/**
 * Gathers what comes in while a batch is under way into the next batch: one transaction and one checkpoint serve many. If one
 * fails, nobody of it is answered: each asks again, and what was committed all the same is found by its key.
 */
export function createQueue<In, Out>(
  maxBatch: number,
  work: (batch: readonly In[]) => Promise<readonly Out[]>,
  everyMs = 0,
): Gathering<In, Out> {
  return gather(work, { fitting: atMost(maxBatch), everyMs });
}
