import { createHash } from 'node:crypto';
import { faultOf, type Logger } from '@entente/runtime';

/** What a ledger failed on: a gate's request, or the event of its own word. */
export type FailedOn = Uint8Array | string;
export type TellFault = (on: FailedOn, error: unknown) => void;

/** Requests of which it is known that they were told of; beyond it the oldest is told again. */
const MOST_KNOWN = 1024;

/**
 * Says what this ledger itself failed on, by digests only: with an alarm the first time, as a gate asks again and again.
 * @param count once for each time
 */
export function tellFaults(logger: Pick<Logger, 'error' | 'warn'>, count: () => void): TellFault {
  const known = new Set<string>();
  return (on, error) => {
    count();
    const request = typeof on === 'string' ? on : createHash('sha256').update(on).digest('hex').slice(0, 32);
    const facts = { request, fault: faultOf(error) };
    if (known.has(request)) return logger.warn(facts, 'this ledger has failed on a request again');
    known.add(request);
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value as string);
    logger.error(facts, 'ALARM: this ledger has failed on a request; its gate asks again');
  };
}
