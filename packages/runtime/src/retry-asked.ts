import { faultOf, type Quarantined } from './quarantine.js';
import type { SetAsideDeps } from './set-aside.js';

/**
 * Handles again what an operator asked for. What is not a fault of the message is tried again in the next turn.
 *
 * INVARIANT: what was dropped while others were handled is not: that it went may be on record. Nor is what another process has handled, which
 * failed again.
 * @param handle as its queue would; `drop` if it was refused, which is final. Throws if it failed again
 */
export async function retryAsked(
  { quarantine, isFault, logger }: Pick<SetAsideDeps, 'quarantine' | 'isFault' | 'logger'>,
  handle: (message: Quarantined) => Promise<unknown>,
): Promise<void> {
  for (const { id, ...message } of quarantine.asked())
    await quarantine.inTurn(async () => {
      if (!quarantine.isAsked(id)) return;
      try {
        const isRefused = (await handle(message)) === 'drop';
        quarantine.drop(id);
        logger.warn(
          { id },
          `a message from the quarantine was ${isRefused ? 'refused' : 'handled'}, and is gone from it`,
        );
      } catch (error) {
        if (!isFault(error)) throw error;
        quarantine.putBack(id);
        logger.error(
          { id, fault: faultOf(error) },
          'ALARM: a message from the quarantine failed again; it stays there',
        );
      }
    });
}
