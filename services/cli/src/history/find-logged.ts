import type { wire } from '@entente/contract';
import { headerIn } from './header-in.js';
import { hex } from './hex.js';
import type { LogSource } from './log-source.js';
import { readLog } from './read-log.js';

export interface LoggedMessage {
  /** Unverified. */
  readonly header: wire.HeaderFrame;
  /** 64 hex digits. */
  readonly hash: string;
}

/**
 * The first message of these logs with this id or this hash. What cannot be read is passed over: a ledger that logs such a thing hides
 * nothing else by it.
 */
export async function findLogged(
  sources: readonly LogSource[],
  idOrHash: string,
): Promise<LoggedMessage | undefined> {
  let found: LoggedMessage | undefined;
  for (const source of sources)
    await readLog(source, ({ record }) => {
      const header = found === undefined && record ? headerIn(record) : undefined;
      if (!record || !header) return;
      const hash = hex(record.messageHash);
      if (header.id === idOrHash || hash === idOrHash) found = { header, hash };
    });
  return found;
}
