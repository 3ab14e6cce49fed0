import type { TreeNode } from '@entente/audit';
import type { wire } from '@entente/contract';
import { callOriginal, isBackup, openDatabase, type SqlRow } from '@entente/runtime';
import type { Counted } from './count-entry.js';

/** What makes two appends the same: they get the same entry. */
export interface EntryKey {
  readonly messageHash: Uint8Array;
  readonly stage: string;
  readonly step: string;
}

export interface StoredEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  /** Null: erased. */
  readonly salt: Uint8Array | null;
  readonly record: Uint8Array | null;
}

export interface NewEntry extends StoredEntry {
  readonly key: EntryKey;
  readonly claim: Claim | null;
  readonly approval: Approval | null;
  readonly adoption: (wire.RecordFrame['adoption'] & { readonly kind: string }) | null;
  /** What this entry erases in its own log. */
  readonly erases: readonly number[];
  readonly counted: Counted;
}

/** A sender's id belongs to the first message that used it. */
export interface Claim {
  readonly sender: string;
  readonly id: string;
}

/** Somebody's word about a message that may be held. */
export interface Approval {
  /** Of the message that it is about, 32 bytes. */
  readonly messageHash: Uint8Array;
  readonly sender: string;
  readonly role: string;
}

export interface LogHead {
  readonly size: number;
  /** The signed checkpoint; empty before the first entry. */
  readonly note: string;
  /** Time of the last entry. */
  readonly timeMs: number;
}

export type LedgerStore = ReturnType<typeof openStore>;

const MIGRATIONS = [
  `CREATE TABLE entry (
     idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, salt BLOB, record BLOB,
     message_hash BLOB NOT NULL, stage TEXT NOT NULL, step TEXT NOT NULL,
     UNIQUE (message_hash, stage, step));
   CREATE TABLE node (level INTEGER, idx INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, idx)) WITHOUT ROWID;
   CREATE TABLE claim (sender TEXT, id TEXT, message_hash BLOB NOT NULL, PRIMARY KEY (sender, id)) WITHOUT ROWID;
   CREATE TABLE adopted (kind TEXT PRIMARY KEY, sha256 BLOB NOT NULL, idx INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE part_version (part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, note TEXT NOT NULL, time_ms INTEGER NOT NULL);
   INSERT INTO head VALUES (1, 0, '', 0);`,
  // A hold has one end, and each who may release has one word about a message in each role: the first.
  `CREATE UNIQUE INDEX entry_end ON entry (message_hash, stage) WHERE step <> 'first' AND stage IN ('leave', 'enter', 'inside');
   CREATE TABLE approval (
     message_hash BLOB NOT NULL, sender TEXT NOT NULL, role TEXT NOT NULL, idx INTEGER NOT NULL,
     PRIMARY KEY (message_hash, sender, role)) WITHOUT ROWID;`,
  // What stays when the log goes.
  `CREATE TABLE tally (
     event TEXT NOT NULL, decision TEXT NOT NULL, category TEXT NOT NULL, entries INTEGER NOT NULL,
     PRIMARY KEY (event, decision, category)) WITHOUT ROWID;`,
];

export const SCHEMA = MIGRATIONS.length;

/** The one truth of a nation's log. */
export function openStore(path: string) {
  const db = openDatabase(path, MIGRATIONS);
  // What is erased is overwritten, not only unlinked.
  db.exec('PRAGMA secure_delete = ON');
  const sql = {
    byKey: db.prepare(
      'SELECT idx, leaf, salt, record FROM entry WHERE message_hash = ? AND stage = ? AND step = ?',
    ),
    end: db.prepare(
      `SELECT idx, leaf, salt, record FROM entry
       WHERE message_hash = ? AND stage = ? AND step <> 'first' AND stage IN ('leave', 'enter', 'inside')`,
    ),
    approvals: db.prepare(
      `SELECT entry.idx, leaf, salt, record FROM approval JOIN entry ON entry.idx = approval.idx
       WHERE approval.message_hash = ? ORDER BY entry.idx LIMIT ?`,
    ),
    insertApproval: db.prepare(
      'INSERT OR IGNORE INTO approval (message_hash, sender, role, idx) VALUES (?, ?, ?, ?)',
    ),
    hasApproval: db.prepare(
      'SELECT 1 AS one FROM approval WHERE message_hash = ? AND sender = ? AND role = ?',
    ),
    count: db.prepare(
      `INSERT INTO tally (event, decision, category, entries) VALUES (?, ?, ?, ?)
       ON CONFLICT (event, decision, category) DO UPDATE SET entries = entries + excluded.entries`,
    ),
    tally: db.prepare('SELECT event, decision, category, entries FROM tally ORDER BY 1, 2, 3'),
    emptyTally: db.prepare('DELETE FROM tally'),
    from: db.prepare('SELECT idx, leaf, salt, record FROM entry WHERE idx >= ? ORDER BY idx LIMIT ?'),
    byIndex: db.prepare('SELECT idx, leaf, salt, record FROM entry WHERE idx = ?'),
    insert: db.prepare(
      'INSERT INTO entry (idx, leaf, salt, record, message_hash, stage, step) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    erase: db.prepare('UPDATE entry SET salt = NULL, record = NULL WHERE idx = ?'),
    eraseApproval: db.prepare('DELETE FROM approval WHERE idx = ?'),
    eraseClaim: db.prepare(
      'DELETE FROM claim WHERE message_hash = (SELECT message_hash FROM entry WHERE idx = ?)',
    ),
    kept: db.prepare(
      'SELECT idx, leaf, salt, record FROM entry WHERE idx >= ? AND record IS NOT NULL ORDER BY idx LIMIT ?',
    ),
    own: db.prepare(
      "SELECT idx, leaf, salt, record FROM entry WHERE message_hash = x'' AND stage = ? ORDER BY idx",
    ),
    node: db.prepare('SELECT hash FROM node WHERE level = ? AND idx = ?'),
    insertNode: db.prepare('INSERT INTO node (level, idx, hash) VALUES (?, ?, ?)'),
    claim: db.prepare('SELECT message_hash FROM claim WHERE sender = ? AND id = ?'),
    insertClaim: db.prepare('INSERT OR IGNORE INTO claim (sender, id, message_hash) VALUES (?, ?, ?)'),
    adopted: db.prepare('SELECT sha256, idx FROM adopted WHERE kind = ?'),
    adopt: db.prepare('INSERT OR REPLACE INTO adopted (kind, sha256, idx) VALUES (?, ?, ?)'),
    version: db.prepare('SELECT version FROM part_version WHERE part = ?'),
    setVersion: db.prepare('INSERT OR REPLACE INTO part_version (part, version) VALUES (?, ?)'),
    head: db.prepare('SELECT size, note, time_ms FROM head'),
    swapHead: db.prepare('UPDATE head SET size = ?, note = ?, time_ms = ? WHERE size = ?'),
  };

  // Neither ever changes, and the newest are read again with each batch.
  const nodesRead = newest<Uint8Array>(8192);
  const leavesRead = newest<Uint8Array>(1024);

  const eraseAll = (indices: readonly number[]): void => {
    for (const index of indices) {
      sql.eraseApproval.run(index);
      sql.eraseClaim.run(index);
      sql.erase.run(index);
    }
  };

  return Object.freeze({
    head: (): LogHead => {
      const row = sql.head.get();
      return { size: Number(row?.size), note: String(row?.note), timeMs: Number(row?.time_ms) };
    },
    findEntry: ({ messageHash, stage, step }: EntryKey): StoredEntry | undefined =>
      toEntry(sql.byKey.get(messageHash, stage, step)),
    /** What ended the hold on a message, if anything did. */
    endOfHold: (messageHash: Uint8Array, stage: string): StoredEntry | undefined =>
      toEntry(sql.end.get(messageHash, stage)),
    approvalsAbout: (messageHash: Uint8Array, limit: number): StoredEntry[] =>
      sql.approvals.all(messageHash, limit).flatMap((row) => toEntry(row) ?? []),
    hasApproval: ({ messageHash, sender, role }: Approval): boolean =>
      sql.hasApproval.get(messageHash, sender, role) !== undefined,
    /** Salt and record of these entries go: another log says so. */
    erase: (indices: readonly number[]): void => db.transaction(() => eraseAll(indices)),
    tally: (): (Counted & { readonly entries: number })[] =>
      sql.tally.all().map(({ event, decision, category, entries }) => ({
        ...{ event: String(event), decision: String(decision), category: String(category) },
        entries: Number(entries),
      })),
    /** In place of what was counted. */
    countAgain: (counted: Iterable<Counted>): void =>
      db.transaction(() => {
        sql.emptyTally.run();
        for (const { event, decision, category } of counted) sql.count.run(event, decision, category, 1);
      }),
    /** Entries from an index on, with or without their record. */
    entriesFrom: (index: number, limit: number): StoredEntry[] =>
      sql.from.all(index, limit).flatMap((row) => toEntry(row) ?? []),
    entryAt: (index: number): StoredEntry | undefined => toEntry(sql.byIndex.get(index)),
    /** Entries that still have their record, from an index on. */
    keptFrom: (index: number, limit: number): StoredEntry[] =>
      sql.kept.all(index, limit).flatMap((row) => toEntry(row) ?? []),
    /** What the ledger itself has said, of one event. */
    own: (event: string): StoredEntry[] => sql.own.all(event).flatMap((row) => toEntry(row) ?? []),
    emptyJournal: db.emptyJournal,
    readNode: (level: number, index: number): Uint8Array | undefined =>
      nodesRead.read(`${level}/${index}`, () => sql.node.get(level, index)?.hash as Uint8Array | undefined),
    /** What the tree is made of: it stays when the entry is erased. */
    leafAt: (index: number): Uint8Array | undefined =>
      leavesRead.read(String(index), () => sql.byIndex.get(index)?.leaf as Uint8Array | undefined),
    claimedBy: ({ sender, id }: Claim): Uint8Array | undefined =>
      sql.claim.get(sender, id)?.message_hash as Uint8Array | undefined,
    adopted: (kind: string): { readonly sha256: Uint8Array; readonly index: number } | undefined => {
      const row = sql.adopted.get(kind);
      return row && { sha256: row.sha256 as Uint8Array, index: Number(row.idx) };
    },
    partVersion: (part: string): number => Number(sql.version.get(part)?.version ?? 0),
    /**
     * Entries, tree and checkpoint together, on disk when it returns. A crash before that leaves nothing of the batch,
     * and nobody has had an answer.
     * @throws Error if another writer has moved the head: two writers must never fork a log
     */
    commit: (
      oldSize: number,
      head: LogHead,
      entries: readonly NewEntry[],
      nodes: readonly TreeNode[],
    ): void => {
      db.transaction(() => {
        for (const entry of entries) {
          const { messageHash, stage, step } = entry.key;
          sql.insert.run(entry.index, entry.leaf, entry.salt, entry.record, messageHash, stage, step);
          if (entry.claim) sql.insertClaim.run(entry.claim.sender, entry.claim.id, messageHash);
          if (entry.approval) {
            const { messageHash: about, sender, role } = entry.approval;
            sql.insertApproval.run(about, sender, role, entry.index);
          }
          eraseAll(entry.erases);
          if (entry.adoption) {
            sql.adopt.run(entry.adoption.kind, entry.adoption.sha256, entry.index);
            for (const { part, version } of entry.adoption.versions) sql.setVersion.run(part, version);
          }
        }
        for (const [{ event, decision, category }, howMany] of summed(entries.map(({ counted }) => counted)))
          sql.count.run(event, decision, category, howMany);
        for (const { level, index, hash } of nodes) sql.insertNode.run(level, index, hash);
        if (sql.swapHead.run(head.size, head.note, head.timeMs, oldSize).changes !== 1) {
          throw new Error(`another process has written to this log since size ${oldSize}`);
        }
      });
      // Image and proofs of this batch ask for them at once.
      for (const { level, index, hash } of nodes) nodesRead.keep(`${level}/${index}`, hash);
      for (const { index, leaf } of entries) leavesRead.keep(String(index), leaf);
    },
    hasRoom: db.hasRoom,
    isBackup: () => isBackup(db),
    callOriginal: () => callOriginal(db),
    close: () => db.close(),
  });
}

/** Each kind once, with how many there are: a batch is mostly of one. */
function summed(all: readonly Counted[]): (readonly [Counted, number])[] {
  const sums = new Map<string, readonly [Counted, number]>();
  for (const one of all) {
    const key = `${one.event} ${one.decision} ${one.category}`;
    sums.set(key, [one, (sums.get(key)?.[1] ?? 0) + 1]);
  }
  return [...sums.values()];
}

/**
 * A cache of what came last, written or found; undefined is not kept. What is asked for stays no longer for it: moving it to the end at
 * each hit, a thousand in a large batch, costs more than to find the few again that leave.
 */
function newest<T>(most: number) {
  const kept = new Map<string, T>();
  const keep = (key: string, value: T): T => {
    kept.set(key, value);
    // In the order of their coming.
    if (kept.size > most) kept.delete(kept.keys().next().value as string);
    return value;
  };
  return {
    keep,
    read: (key: string, find: () => T | undefined): T | undefined => {
      const known = kept.get(key);
      if (known !== undefined) return known;
      const found = find();
      return found === undefined ? undefined : keep(key, found);
    },
  };
}

function toEntry(row: SqlRow | undefined): StoredEntry | undefined {
  if (!row) return undefined;
  return {
    index: Number(row.idx),
    leaf: row.leaf as Uint8Array,
    salt: row.salt as Uint8Array | null,
    record: row.record as Uint8Array | null,
  };
}
