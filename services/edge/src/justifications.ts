import { randomBytes } from 'node:crypto';
import type { SqlDatabase } from '@entente/runtime';
import { commitmentOf } from '@entente/seal';

/** Why a person did it, in their words. Only the commitment travels; who has neither text nor salt cannot test a guess. */
export interface Justified {
  readonly text: string;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** SHA-256(salt ‖ text), or empty where there is no text. */
  readonly commitment: Uint8Array;
}

export type Justifications = ReturnType<typeof openJustifications>;

export function justify(text: string): Justified {
  const salt = randomBytes(16);
  return { text, salt, commitment: text === '' ? new Uint8Array() : commitmentOf(salt, Buffer.from(text)) };
}

/** What was said beside a seal that holds no more than a commitment to it. */
export function openJustifications(db: SqlDatabase) {
  const sql = {
    insert: db.prepare(
      'INSERT OR IGNORE INTO justification (message_hash, seal, salt, text) VALUES (?, ?, ?, ?)',
    ),
    find: db.prepare('SELECT seal, salt, text FROM justification WHERE message_hash = ?'),
  };
  return Object.freeze({
    /** As bytes: what comes back is what the commitment is to, whatever stands in it. */
    insert: (messageHash: Uint8Array, seal: Uint8Array, { salt, text }: Justified): void => {
      if (text !== '') sql.insert.run(messageHash, seal, salt, Buffer.from(text));
    },
    find: (messageHash: Uint8Array) => {
      const row = sql.find.get(messageHash);
      if (!row) return undefined;
      const text = Buffer.from(row.text as Uint8Array | string);
      return { seal: row.seal as Uint8Array, salt: row.salt as Uint8Array, text };
    },
  });
}
