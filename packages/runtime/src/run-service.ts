import { setFlagsFromString } from 'node:v8';
import { ConfigError } from './error.js';
import type { Logger } from './logger.js';
import { findProblems, readSettings, type SettingsReaders } from './read-settings.js';

export interface Service {
  readonly start: () => Promise<void>;
  /** Finishes what is in flight, then closes. */
  readonly stop: () => Promise<void>;
}

/**
 * How much the heap may grow until it is marked again, in percent. What a service holds is small, and what comes and goes are buffers
 * beside the heap, which count: with V8's own measure it is marked twice a second under load, for a fifth of all processor time.
 */
const HEAP_GROWING_PERCENT = 400;

/** How long a stop may take before the process ends anyway: what is not acknowledged by then comes again. */
const STOP_WITHIN_MS = 10_000;

/** The process only says what is wrong with its settings, as one line of JSON, and ends: with 2 if anything is. */
export const CHECK_SETTINGS = '--check-settings';

/**
 * The life of a process: start, say so, stop on SIGTERM, SIGINT or when the parent is gone.
 * A fault that nobody caught ends the process: its state is not known any more, and a restart is safe at every point.
 * It ends with 2 if its settings cannot be used.
 */
export async function runService<S extends readonly unknown[]>(
  name: string,
  logger: Logger,
  readers: SettingsReaders<S>,
  create: (...settings: NoInfer<S>) => Promise<Service>,
): Promise<void> {
  if (process.argv.includes(CHECK_SETTINGS)) return checkSettings(readers);
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
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
    service = await create(...readSettings(readers, process.env));
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

function checkSettings<S extends readonly unknown[]>(readers: SettingsReaders<S>): void {
  const problems = findProblems(readers, process.env);
  process.stdout.write(`${JSON.stringify(problems)}\n`);
  process.exitCode = problems.settings.length + problems.files.length > 0 ? 2 : 0;
}
