import { randomBytes } from 'node:crypto';
import type { SqlDatabase } from '@entente/runtime';
import { commitmentOf, readUnverifiedHeader } from '@entente/seal';

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
export function openJustifications(db: SqlDatabase, now: () => number) {
  const sql = {
    insert: db.prepare(
      'INSERT OR IGNORE INTO justification (message_hash, seal, salt, text, case_id, at_ms) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    find: db.prepare('SELECT seal, salt, text FROM justification WHERE message_hash = ?'),
    withoutCase: db.prepare("SELECT message_hash, seal FROM justification WHERE case_id = ''"),
    nameCase: db.prepare('UPDATE justification SET case_id = ? WHERE message_hash = ?'),
    forgetCase: db.prepare('DELETE FROM justification WHERE case_id = ?'),
    over: db.prepare(
      'DELETE FROM justification WHERE at_ms <= ? AND case_id NOT IN (SELECT case_id FROM legal_hold)',
    ),
  };
  // Those of before stand without their case, which their seal names.
  db.transaction(() => {
    for (const row of sql.withoutCase.all())
      sql.nameCase.run(caseOf(row.seal as Uint8Array), row.message_hash as Uint8Array);
  });
  return Object.freeze({
    /** As bytes: what comes back is what the commitment is to, whatever stands in it. */
    insert: (messageHash: Uint8Array, seal: Uint8Array, { salt, text }: Justified): void => {
      if (text !== '') sql.insert.run(messageHash, seal, salt, Buffer.from(text), caseOf(seal), now());
    },
    /** Of one case. */
    forgetCase: (caseId: string): void => void sql.forgetCase.run(caseId),
    /** Those that were given until then, but for cases on legal hold. @returns how many there were */
    forgetOver: (ms: number): number => sql.over.run(ms).changes,
    find: (messageHash: Uint8Array) => {
      const row = sql.find.get(messageHash);
      if (!row) return undefined;
      const text = Buffer.from(row.text as Uint8Array | string);
      return { seal: row.seal as Uint8Array, salt: row.salt as Uint8Array, text };
    },
  });
}

function caseOf(seal: Uint8Array): string {
  return readUnverifiedHeader(seal).caseId;
}
