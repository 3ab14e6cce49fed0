import { join } from 'node:path';
import { wire } from '@entente/contract';
import { openForReading } from '@entente/runtime';
import type { Erasure } from './count-erased.js';
import { unlessUnreadable } from './header-in.js';
import { type LogSource, originOf } from './log-source.js';
import { LEDGER_SCHEMA } from './open-records.js';

/**
 * What the logs that followed say was erased in this one. That their records are what was logged is found when they are read
 * themselves; a word that is not costs this log a fault at most.
 */
export function* erasedLater(source: LogSource): Generator<Erasure> {
  const { logs = [] } = source;
  const origin = originOf(source);
  const later = logs.slice(logs.findIndex((log) => log.origin === origin) + 1);
  for (const { dir } of later.filter(({ remains }) => remains === null)) {
    const database = openForReading(join(dir, 'ledger.sqlite'), LEDGER_SCHEMA);
    try {
      const said = database.prepare(
        "SELECT record FROM entry WHERE message_hash = x'' AND stage = 'erasure'",
      );
      for (const { record: bytes } of said.all()) {
        const record = bytes ? unlessUnreadable(() => wire.record.decode(bytes as Uint8Array)) : undefined;
        if (record?.event === 'erasure' && record.past?.origin === origin && record.erasure)
          yield record.erasure;
      }
    } finally {
      database.close();
    }
  }
}
