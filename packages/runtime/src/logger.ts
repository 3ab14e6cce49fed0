import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stdout. Callers log ids, codes and digests, never content; what slips through under these names is cut out. */
export function createLogger(service: string, owner: string): Logger {
  return pino({
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
  });
}
