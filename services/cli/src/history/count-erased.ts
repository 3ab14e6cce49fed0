import type { wire } from '@entente/contract';

/** What an entry says that it erases, and why. */
export type Erasure = NonNullable<wire.RecordFrame['erasure']>;

/** Why entries have no record any more, as the entries say that erased them. */
export interface ErasedFor {
  readonly reason: string;
  /** Where the decision can be found; empty where these are the rest of very many. */
  readonly reference: string;
  readonly entries: number;
}

/** So many are told one by one: a log of nonsense must not fill the memory. */
const MOST_REFERENCES = 1000;
/** A ledger takes no longer reference. */
const LONGEST = 200;

export function createErasedCounter(saved: readonly ErasedFor[] = []) {
  const counts = new Map(saved.map((one) => [keyOf(one), one]));
  return {
    add: (said: Pick<Erasure, 'reason' | 'reference'>): void => {
      const [reason, reference] = [said.reason.slice(0, LONGEST), said.reference.slice(0, LONGEST)];
      const own = { reason, reference };
      const one = counts.size < MOST_REFERENCES || counts.has(keyOf(own)) ? own : REST;
      counts.set(keyOf(one), { ...one, entries: (counts.get(keyOf(one))?.entries ?? 0) + 1 });
    },
    list: (): ErasedFor[] => [...counts.values()],
  };
}

const REST = { reason: 'other', reference: '' };

function keyOf({ reason, reference }: Pick<ErasedFor, 'reason' | 'reference'>): string {
  return JSON.stringify([reason, reference]);
}
