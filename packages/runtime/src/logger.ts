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
      serializers: { event: tellEvent },
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

/** An error inside an event of the bus, with what caused it: the code alone says that something failed, and not what. */
function tellEvent(event: unknown): unknown {
  const error = (event as { readonly error?: unknown } | null)?.error;
  return error instanceof Error ? { ...(event as object), error: tellError(error) } : event;
}

const MOST_CAUSES = 4;
const MOST_CHARACTERS = 300;

/** Name, code and words of each; what else an error carries stays where it is. A parser quotes what it could not read: that is left out. */
function tellError(error: Error, causes = MOST_CAUSES): object {
  const { name, message, cause } = error;
  const { code } = error as { readonly code?: unknown };
  return {
    name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error instanceof SyntaxError ? {} : { message: message.slice(0, MOST_CHARACTERS) }),
    ...(cause instanceof Error && causes > 1 ? { cause: tellError(cause, causes - 1) } : {}),
  };
}
