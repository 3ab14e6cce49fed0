import type { SqlDatabase } from '@entente/runtime';

export type UnsaidErasures = ReturnType<typeof openUnsaidErasures>;

/** Messages whose content is gone as their originator has asked, and of which that is not said to it yet. */
export function openUnsaidErasures(db: SqlDatabase) {
  const sql = {
    add: db.prepare('INSERT OR IGNORE INTO unsaid_erasure (message_hash) VALUES (?)'),
    list: db.prepare('SELECT message_hash FROM unsaid_erasure ORDER BY message_hash LIMIT ?'),
    remove: db.prepare('DELETE FROM unsaid_erasure WHERE message_hash = ?'),
  };
  return Object.freeze({
    /** Within the transaction in which it goes. */
    add: (messageHash: Uint8Array): void => void sql.add.run(messageHash),
    list: (limit: number): Uint8Array[] =>
      sql.list.all(limit).map(({ message_hash: messageHash }) => messageHash as Uint8Array),
    remove: (messageHash: Uint8Array): void => void sql.remove.run(messageHash),
  });
}
