import { ERASURE_REASON, type ErasureReason } from '../gen/vocabulary.js';

type OrderReason = Exclude<ErasureReason, 'time-over'>;

/** Why a person has something erased. That its time is over, who keeps it knows alone: an entry that says so has to be true. */
export const ORDER_REASON: readonly OrderReason[] = ERASURE_REASON.filter((word) => word !== 'time-over');

export function isOrderReason(value: unknown): value is OrderReason {
  return (ORDER_REASON as readonly unknown[]).includes(value);
}
