import { alarmOnChange, type Logger } from '@entente/runtime';
import type { Log } from './append-batch.js';
import type { AskOthers } from './ask-others.js';
import { checkLog, NotAsSeen } from './check-log.js';
import { tilesOf } from './open-log.js';
import type { OpenLog } from './succeed.js';

interface Deps {
  readonly others: AskOthers;
  readonly logger: Logger;
}

/**
 * Whether others hold more of the log that is written on, or another history of it. Who cannot be reached does not keep a nation from
 * its log: that is said, and they are asked at each turn until they answer. INVARIANT: once one has shown more, nothing is signed any more
 * by this process, and by the next one only under another origin.
 */
export function watchOthers({ others, logger }: Deps) {
  let behind: NotAsSeen | undefined;
  let silent: readonly string[] = [];
  const say = alarmOnChange(
    logger,
    'not all who may have seen more of this log than it holds can be asked: it goes on, and asks again',
    'all who may have seen more of this log were asked',
    () => ({ silent }),
  );
  const seen = async ({ origin, signer }: Pick<Log, 'origin' | 'signer'>): Promise<readonly string[]> => {
    const asked = await others.ask(origin, signer.key);
    silent = asked.silent;
    return asked.notes;
  };
  return {
    seen,
    /** Those who did not answer when the log was opened may answer now. */
    look: async ({ log, folder }: OpenLog): Promise<void> => {
      if (behind) return;
      const notes = await seen(log);
      // Not before: a nation that starts has its ledger first, and its monitors a moment later.
      say(silent.length === 0);
      if (notes.length === 0) return;
      try {
        checkLog(log, tilesOf(folder.dir), notes);
      } catch (error) {
        if (!(error instanceof NotAsSeen)) throw error;
        behind = error;
        logger.error({ origin: log.origin }, `ALARM: nothing is logged any more: ${error.message}`);
      }
    },
    isBehind: () => behind !== undefined,
    /** @throws NotAsSeen once that is known */
    check: (): void => {
      if (behind) throw behind;
    },
  };
}
