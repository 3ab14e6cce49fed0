import { atMost, gather } from './gather.js';
import type { Logger } from './logger.js';

/** One step of a message at this service: digests, ids and words of closed lists. */
export interface Told {
  /** What is none may be anybody's name, and is not written. */
  readonly id: string;
  /** SHA-256 of its seal; null while it has none. */
  readonly messageHash: Uint8Array | null;
  readonly [word: string]: unknown;
}

export interface Telling {
  readonly tell: (told: Told) => void;
  /** Resolves when all is written. */
  readonly idle: () => Promise<void>;
}

const EVERY_MS = 100;
/** journald cuts a line after 48 KiB. */
const MOST_IN_LINE = 64;
const ID = /^[0-9a-f]{32}$/;

/**
 * Says in the log which messages have passed here, many in one line: alone, a message has its line at once; under load a line for each would
 * cost as much as a signature. Of a process that is killed, the last tenth of a second is missing.
 */
export function tellTogether(logger: Pick<Logger, 'info'>, what: string): Telling {
  const lines = gather<Told, void>(
    async (messages) => {
      tellAll(logger, what, messages);
      return messages.map(() => undefined);
    },
    { fitting: atMost(MOST_IN_LINE), everyMs: EVERY_MS },
  );
  return Object.freeze({ tell: (told: Told) => void lines.add(told), idle: lines.idle });
}

/** The same of many that are done at the same time. */
export function tellAll(logger: Pick<Logger, 'info'>, what: string, messages: readonly Told[]): void {
  for (let from = 0; from < messages.length; from += MOST_IN_LINE)
    logger.info({ messages: messages.slice(from, from + MOST_IN_LINE).map(shown) }, what);
}

/** As it stands in the log. */
function shown({ id, messageHash, ...words }: Told): object {
  return {
    id: ID.test(id) ? id : 'malformed',
    ...(messageHash ? { hash: Buffer.from(messageHash).toString('hex') } : {}),
    ...words,
  };
}
