import type { Logger } from './logger.js';
import type { Service } from './run-service.js';
import { type Turn, takeTurn } from './take-turn.js';

interface Needy {
  readonly needs: () => Readonly<Record<string, boolean>>;
  readonly start: () => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/**
 * A service of which one process works and others wait until it ends. Until it is its turn it opens nothing, and needs `turn`.
 * @param file of `takeTurn`: in the folder that only one of them may write to
 */
export function withTurn(
  { file, logger }: { readonly file: string; readonly logger: Logger },
  open: () => Promise<Needy>,
): Service & Pick<Needy, 'needs'> {
  let turn: Turn | undefined;
  let service: Needy | undefined;
  let [isStarted, isStopped] = [false, false];
  return {
    needs: () => service?.needs() ?? { turn: turn !== undefined, nation: false },
    start: async () => {
      turn = await takeTurn(file, () => {
        logger.info('another process works on this folder: waiting until it ends');
        process.send?.({ ready: false });
      });
      if (!isStopped) {
        service = await open();
        if (isStopped) await service.stop();
        else await service.start();
      }
      isStarted = true;
      if (isStopped) turn.release();
    },
    // INVARIANT: what is being opened or started keeps its turn, until that is done or the process ends.
    stop: async () => {
      isStopped = true;
      await service?.stop();
      if (isStarted) turn?.release();
    },
  };
}
