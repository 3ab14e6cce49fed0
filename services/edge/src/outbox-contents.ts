import type { SqlDatabase, SqlRow } from '@entente/runtime';

/** Which row of the outbox it is; `number` is null where the row has its contents in itself. */
export interface Numbered {
  readonly id: string;
  /** Of each message in the order of their coming; of two that are here never the same. */
  readonly number: number | null;
}

/**
 * What each message of the outbox says, and the form in which it was sealed, beside the rows that say where it stands. Those are written
 * anew at each of its steps: with some kilobytes in the middle each step would write them all. What came before this keeps its contents in
 * its row, and nothing of a store of gigabytes was written anew: whatever reads, changes or erases them looks in both places.
 *
 * INVARIANT: a number has its row here for as long as its message has one in the outbox, so that no other message gets it.
 */
export function outboxContents(db: SqlDatabase) {
  const sql = {
    insert: db.prepare('INSERT INTO sent_submission (json) VALUES (?) RETURNING number'),
    say: db.prepare('UPDATE sent_submission SET json = ? WHERE number = ? AND json <> ?'),
    sayInRow: db.prepare('UPDATE outbox SET submission = ? WHERE id = ?'),
    seal: db.prepare('INSERT OR REPLACE INTO sent_envelope (number, envelope) VALUES (?, ?)'),
    sealInRow: db.prepare('UPDATE outbox SET envelope = ? WHERE id = ?'),
    unseal: db.prepare('DELETE FROM sent_envelope WHERE number = ?'),
    drop: db.prepare('DELETE FROM sent_submission WHERE number = ?'),
  };
  return {
    /** @returns the number of a new message */
    insert: (submission: string): number => Number(sql.insert.get(submission)?.number),
    /** In place of what it said before. */
    say: ({ id, number }: Numbered, submission: string): void =>
      void (number === null ? sql.sayInRow.run(submission, id) : sql.say.run(submission, number, submission)),
    /** In place of an earlier form. @param envelope null: nothing is left of it */
    seal: ({ id, number }: Numbered, envelope: Uint8Array | null): void => {
      if (number === null) sql.sealInRow.run(envelope, id);
      else if (envelope === null) sql.unseal.run(number);
      else sql.seal.run(number, envelope);
    },
    /** With its row. */
    drop: ({ number }: Numbered): void => {
      if (number === null) return;
      sql.unseal.run(number);
      sql.drop.run(number);
    },
  };
}

/** @param row what `RETURNING id, number` has returned; undefined: no row was changed */
export function numbered(row: SqlRow | undefined): Numbered | undefined {
  return row && { id: String(row.id), number: row.number === null ? null : Number(row.number) };
}

/**
 * SQL: the name by which evidence of a message is filed. Those of a new one stand together at the end of their index, and not each on another
 * page of it, as ids of chance would.
 */
export const FILED_UNDER = `iif(outbox.number IS NULL, outbox.id, printf('n%012d', outbox.number))`;
