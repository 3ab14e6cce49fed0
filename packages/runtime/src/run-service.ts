import { ConfigError } from './error.js';
import type { Logger } from './logger.js';

export interface Service {
  readonly start: () => Promise<void>;
  /** Finishes what is in flight, then closes. */
  readonly stop: () => Promise<void>;
}

/** How long a stop may take before the process ends anyway: what is not acknowledged by then comes again. */
const STOP_WITHIN_MS = 10_000;

/**
 * The life of a process: start, say so, stop on SIGTERM, SIGINT or when the parent is gone.
 * A fault that nobody caught ends the process: its state is not known any more, and a restart is safe at every point.
 */
export async function runService(
  name: string,
  logger: Logger,
  create: () => Promise<Service>,
): Promise<void> {
  let service: Service | undefined;
  let stopping = false;
  const stop = async (why: string, code: number) => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'stopping');
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    await service?.stop().catch((error: unknown) => logger.error({ err: error }, 'stop failed'));
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal, 0));
  process.on('disconnect', () => void stop('the parent process is gone', 0));
  const fatal = (error: unknown) => {
    logger.fatal({ err: error }, 'a fault that nobody caught');
    process.exit(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  try {
    service = await create();
    await service.start();
  } catch (error) {
    // Told to stop while it started: what fails then is no news.
    if (stopping) return;
    logger.fatal({ err: error }, `${name} cannot start: ${(error as Error).message}`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
  if (stopping) return;
  logger.info({ pid: process.pid }, 'ready');
  process.send?.({ ready: true });
}
