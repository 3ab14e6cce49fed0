import { join } from 'node:path';
import { nationOf, wire } from '@entente/contract';
import { openForReading } from '@entente/runtime';
import { headerIn, unlessUnreadable } from './header-in.js';
import { type LogSource, originOf } from './log-source.js';
import { LEDGER_SCHEMA } from './open-records.js';

/** What the logs before one hold of a message that waited when its year ended. */
export interface EarlierHold {
  readonly held: boolean;
  /** Who has released it there, as `court@NL`. */
  readonly released: readonly string[];
}

/**
 * Looks up a message in the logs before this one. What stands there is checked when those are read themselves.
 * @returns undefined where it cannot be told: a log, or what it held of this, is gone or cannot be read
 */
export function earlierHold(source: LogSource, hash: Uint8Array, stage: string): EarlierHold | undefined {
  const { logs = [] } = source;
  const origin = originOf(source);
  const earlier = logs.slice(
    0,
    logs.findIndex((log) => log.origin === origin),
  );
  const found = earlier.map(({ dir, remains }) => (remains === null ? lookUp(dir, hash, stage) : undefined));
  if (found.some((one) => one === undefined)) return undefined;
  return {
    held: found.some((one) => one?.held),
    released: found.flatMap((one) => one?.released ?? []),
  };
}

function lookUp(dir: string, hash: Uint8Array, stage: string): EarlierHold | undefined {
  const database = openForReading(join(dir, 'ledger.sqlite'), LEDGER_SCHEMA);
  try {
    const first = database
      .prepare("SELECT record FROM entry WHERE message_hash = ? AND stage = ? AND step = 'first'")
      .all(hash, stage);
    const words = database
      .prepare(
        'SELECT record FROM approval JOIN entry ON entry.idx = approval.idx WHERE approval.message_hash = ?',
      )
      .all(hash);
    const rows = [...first, ...words].map(({ record }) => record as Uint8Array | null);
    const records = rows.flatMap(
      (bytes) => (bytes && unlessUnreadable(() => wire.record.decode(bytes))) ?? [],
    );
    if (records.length < rows.length) return undefined;
    return {
      held: records.some(({ verdict }) => verdict?.decision === 'hold'),
      released: records.flatMap(releasedBy),
    };
  } finally {
    database.close();
  }
}

function releasedBy({ event, verdict, seal }: wire.RecordFrame): string[] {
  if (event !== 'approval' || verdict?.decision !== 'permit') return [];
  const header = headerIn({ seal });
  if (header?.statement?.evidence !== 'released') return [];
  return unlessUnreadable(() => [`${header.fromRole}@${nationOf(header.from)}`]) ?? [];
}
