import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * JSON lines on stdout. Callers log ids, codes and digests, never content; what slips through under these names is cut out.
 * Each line is written before the call returns: pino's own default writes later, and then the last lines of a process,
 * which say why it ended, come in another order or not at all.
 */
export function createLogger(service: string, owner: string): Logger {
  return pino(
    {
      base: { service, owner },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'content',
          '*.content',
          'seed',
          '*.seed',
          'authorization',
          '*.authorization',
          'token',
          '*.token',
        ],
        remove: true,
      },
    },
    pino.destination({ fd: 1, sync: true }),
  );
}
