import { createHash } from 'node:crypto';
import { countFaults } from './count-faults.js';
import type { Logger } from './logger.js';
import { faultOf, nameOf, type Quarantine, type Quarantined } from './quarantine.js';

export interface SetAsideDeps {
  readonly quarantine: Quarantine;
  /** Whether handling failed on this message, and not on what has nothing to do with it. */
  readonly isFault: (error: unknown) => boolean;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
  readonly now: () => number;
  /** Faults of one message before it is set aside; with the delays of the bus, about three minutes. */
  readonly after?: number;
}

export interface SetAsideMessage extends Quarantined {
  /** What makes it the same message when it comes again; its bytes, if there is nothing better. */
  readonly key?: () => Uint8Array;
  /** What is handled in the same way: that evidence passes says nothing of referrals. Of few words. */
  readonly kind: () => string;
}

/**
 * Does the work. If it fails again and again on this message while others of its kind pass, keeps the message in the quarantine, tells its sender,
 * and answers `drop`.
 * @param tell says to the sender what became of it; done again with each repeat
 * @throws what the work throws, as long as the message is to come again
 */
export type SetAside = <T>(
  message: SetAsideMessage,
  work: () => Promise<T>,
  tell: () => Promise<void>,
) => Promise<T | 'drop'>;

const FAULTS = 12;
const TELL_FULL_MS = 60_000;

/**
 * INVARIANT: a message leaves its queue only when it is on disk here. While of its kind no more pass than fail, nothing is set aside:
 * then the fault is not in the message, and would refuse everybody.
 */
export function createSetAside(deps: SetAsideDeps): SetAside {
  const { quarantine, isFault, logger, now, after = FAULTS } = deps;
  const counts = countFaults(now);
  const passes = new Map<string, number>();
  let toldFullMs = Number.NEGATIVE_INFINITY;

  const isToGo = (name: string, source: string, kind: string): boolean => {
    const passed = passes.get(kind) ?? 0;
    const { faults, passedBefore } = counts.add(name, source, passed);
    return faults >= after && passed - passedBefore >= counts.size();
  };
  const keep = (message: Quarantined, name: string, error: unknown): boolean => {
    const kept = quarantine.keep(name, message, error, now());
    const source = nameOf(message.source);
    const facts = { id: name, source, bytes: message.bytes.length, fault: faultOf(error) };
    if (kept === 'kept') logger.error(facts, 'ALARM: a message cannot be handled; it is kept in quarantine');
    if (kept === 'full') counts.waits(name);
    if (kept === 'full' && now() - toldFullMs >= TELL_FULL_MS) {
      toldFullMs = now();
      logger.error(facts, 'ALARM: the quarantine has no room; what cannot be handled stays in its queue');
    }
    return kept !== 'full';
  };

  return async (message, work, tell) => {
    const { key, kind } = message;
    const nameIt = () =>
      createHash('sha256')
        .update(key?.() ?? message.bytes)
        .digest('hex')
        .slice(0, 32);
    try {
      const outcome = await work();
      // As long as nothing fails, nothing is counted.
      if (counts.size() > 0) {
        passes.set(kind(), (passes.get(kind()) ?? 0) + 1);
        counts.end(nameIt());
      }
      return outcome;
    } catch (error) {
      if (!isFault(error)) throw error;
      const name = nameIt();
      if (!isToGo(name, message.source, kind()) || !keep(message, name, error)) throw error;
      await tell().catch((cause: unknown) => {
        // Told when it comes again.
        if (!isFault(cause)) throw cause;
        logger.warn({ id: name, fault: faultOf(cause) }, 'who sent what is in quarantine cannot be told');
      });
      counts.end(name);
      return 'drop';
    }
  };
}
