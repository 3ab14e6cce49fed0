import { drawBytes } from '@entente/contract';
import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { commitmentOf, readUnverifiedHeader } from '@entente/seal';

/** Why a person did it, in their words. Only the commitment travels; who has neither text nor salt cannot test a guess. */
export interface Justified {
  readonly text: string;
  /** 16 bytes; like the commitment empty where there is no text. */
  readonly salt: Uint8Array;
  /** SHA-256(salt ‖ text). */
  readonly commitment: Uint8Array;
}

const NOTHING = new Uint8Array();
const UNJUSTIFIED: Justified = Object.freeze({ text: '', salt: NOTHING, commitment: NOTHING });

export type Justifications = ReturnType<typeof openJustifications>;

export function justify(text: string): Justified {
  if (text === '') return UNJUSTIFIED;
  const salt = drawBytes(16);
  return { text, salt, commitment: commitmentOf(salt, Buffer.from(text)) };
}

/** What was said beside a seal that holds no more than a commitment to it. */
export function openJustifications(db: SqlDatabase, now: () => number) {
  const sql = {
    insert: db.prepare(
      'INSERT OR IGNORE INTO justification (id, message_hash, seal, salt, text, case_id, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    find: db.prepare('SELECT seal, salt, text FROM justification WHERE message_hash = ?'),
    byId: db.prepare('SELECT salt, text FROM justification WHERE id = ?'),
    forget: db.prepare('DELETE FROM justification WHERE id = ?'),
    // What is not sealed yet still needs it: its seal has to hold the same commitment, whatever happens meanwhile.
    forgetCase: db.prepare(`DELETE FROM justification WHERE case_id = ? AND ${isSealed} RETURNING ${hash}`),
    over: db.prepare(
      `DELETE FROM justification WHERE at_ms <= ? AND ${isSealed} AND case_id NOT IN (SELECT case_id FROM legal_hold)
       RETURNING ${hash}`,
    ),
  };
  return Object.freeze({
    /** Of a statement. As bytes: what comes back is what the commitment is to, whatever stands in it. */
    insert: (messageHash: Uint8Array, seal: Uint8Array, { salt, text }: Justified): void => {
      const { id, caseId } = readUnverifiedHeader(seal);
      if (text !== '') sql.insert.run(id, messageHash, seal, salt, Buffer.from(text), caseId, now());
    },
    /** Of a message of the outbox, which is sealed later: with this salt, however often that is tried. */
    insertUnsealed: (id: string, caseId: string, { salt, text }: Justified): void => {
      if (text !== '') sql.insert.run(id, null, null, salt, Buffer.from(text), caseId, now());
    },
    /** Of one message of the outbox. */
    forget: (id: string): void => void sql.forget.run(id),
    /** Of one case; of what it has to seal yet, `forget` when that has its outcome. @returns of which messages, by their hashes */
    forgetCase: (caseId: string): Forgotten => hashesIn(sql.forgetCase.all(caseId)),
    /** Those that were given until then, but for cases on legal hold. @returns of which messages, by their hashes */
    forgetOver: (ms: number): Forgotten => hashesIn(sql.over.all(ms)),
    /** Of a statement. */
    find: (messageHash: Uint8Array) => {
      const row = sql.find.get(messageHash);
      return row && { seal: row.seal as Uint8Array, ...saidIn(row) };
    },
    /** Of a message of the outbox, or a statement. */
    findById: (id: string): Said | undefined => {
      const row = sql.byId.get(id);
      return row && saidIn(row);
    },
  });
}

/** SQL: whether the message of a justification has left the edge, or never will. */
const isSealed = `NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = justification.id AND state = 'draft')`;

/** One for each; null for what never was sealed. */
type Forgotten = readonly (Uint8Array | null)[];

/** SQL: which message it is of. */
const hash = `coalesce(message_hash, (SELECT outbox.message_hash FROM outbox WHERE outbox.id = justification.id)) AS hash`;

function hashesIn(rows: readonly SqlRow[]): Forgotten {
  return rows.map(({ hash }) => hash as Uint8Array | null);
}

interface Said {
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** UTF-8. */
  readonly text: Buffer;
}

function saidIn({ salt, text }: SqlRow): Said {
  return { salt: salt as Uint8Array, text: Buffer.from(text as Uint8Array | string) };
}
