import type { Checkpoint, Cosigned, WitnessMemory } from '@entente/audit';
import { openDatabase, type SqlDatabase, type SqlRow } from '@entente/runtime';
import { openCrossings } from './crossing-store.js';
import { MIGRATIONS } from './migrations.js';

/** The first ones never end by themselves: somebody has to look into them, and to say so. */
export type AlarmKind =
  | 'rollback'
  | 'fork'
  | 'split-view'
  | 'incomplete'
  | 'not-signed'
  | 'witness-refuses'
  | 'witness-ahead'
  | 'never-arrived'
  | 'arrived-without-leaving'
  | 'late'
  | 'not-compared'
  | PassingKind;

/** These end when what was missing is there again. */
export type PassingKind = 'silent' | 'witness-silent' | 'not-stamped';

export interface Alarm {
  readonly atMs: number;
  readonly origin: string;
  readonly kind: AlarmKind;
  readonly detail: string;
  /** What it is about, of this log and kind: nothing in it is chosen by who shows the log. Left out: each detail is one of its own. */
  readonly about?: string;
  /** Signed checkpoints that cannot both be true, as they came: whoever has them can show it to anybody. */
  readonly notes: readonly string[];
}

/** Who looked into an alarm, and what came of it. */
export interface Acknowledgment {
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

export interface RaisedAlarm extends Alarm {
  readonly id: number;
  /** Null: it is open. */
  readonly acknowledged: Acknowledgment | null;
}

export interface Seen extends Checkpoint {
  readonly note: string;
  readonly view: string;
  readonly seenMs: number;
}

/** A checkpoint with the cosignatures that it has got. */
export interface Attested {
  readonly size: number;
  readonly note: string;
}

export interface Stamped extends Attested {
  /** TimeStampResp, DER, over the note's bytes. */
  readonly stamp: Uint8Array;
  readonly atMs: number;
}

export type MonitorStore = ReturnType<typeof openStore>;

/** What was seen of each log, last and at most; what was cosigned; and the alarms, which stay until somebody has looked into them. */
export function openStore(path: string) {
  const db = openDatabase(path, MIGRATIONS);
  return Object.freeze({
    ...openSeen(db),
    ...openAlarms(db),
    ...openAttested(db),
    /** INVARIANT: of each log one checkpoint, which only grows. */
    witness: openWitnessMemory(db),
    crossings: openCrossings(db),
    close: () => db.close(),
  });
}

function openSeen(db: SqlDatabase) {
  const all = db.prepare('SELECT * FROM seen WHERE origin = ? ORDER BY size DESC, seen_ms DESC');
  const set = db.prepare(
    'INSERT OR REPLACE INTO seen (origin, view, size, root, note, seen_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return {
    /** The largest first. */
    seenOf: (origin: string): Seen[] =>
      all.all(origin).map((row) => ({
        ...checkpointOf(row),
        view: String(row.view),
        seenMs: Number(row.seen_ms),
      })),
    set: ({ origin, view, size, root, note, seenMs }: Seen): void =>
      void set.run(origin, view, size, root, note, seenMs),
  };
}

function openAlarms(db: SqlDatabase) {
  const raise = db.prepare(
    'INSERT OR IGNORE INTO alarm (at_ms, origin, kind, detail, about, notes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const open = db.prepare(
    'SELECT 1 FROM alarm WHERE kind = ? AND about = ? AND is_over = 0 AND acked_ms IS NULL LIMIT 1',
  );
  const end = db.prepare(
    'UPDATE alarm SET is_over = 1 WHERE origin = ? AND kind = ? AND (? IS NULL OR detail = ?) AND is_over = 0',
  );
  const all = db.prepare(
    'SELECT * FROM alarm WHERE is_over = 0 ORDER BY acked_ms IS NOT NULL, id DESC LIMIT 500',
  );
  const acknowledge = db.prepare(
    'UPDATE alarm SET acked_ms = ?, acked_by = ?, acked_why = ? WHERE id = ? AND is_over = 0 AND acked_ms IS NULL',
  );
  const counts = db.prepare(
    'SELECT kind, acked_ms IS NULL AS is_open, count(*) AS n FROM alarm WHERE is_over = 0 GROUP BY 1, 2',
  );
  return {
    /** @returns whether it is a new one */
    raise: ({ atMs, origin, kind, detail, about = detail, notes }: Alarm): boolean =>
      raise.run(atMs, origin, kind, detail, about, JSON.stringify(notes)).changes > 0,
    /** Whether nobody has looked into the last one yet. */
    isOpen: (kind: AlarmKind, about: string): boolean => open.get(kind, about) !== undefined,
    /** Without a detail: all of this kind. */
    end: (origin: string, kind: PassingKind, detail: string | null = null): void =>
      void end.run(origin, kind, detail, detail),
    /**
     * The first word stands. The alarm and its evidence stay, and the same one is not raised again.
     * @returns whether there was such an open alarm
     */
    acknowledge: (id: number, { by, why, atMs }: Acknowledgment): boolean =>
      acknowledge.run(atMs, by, why, id).changes > 0,
    countAlarms: (): { readonly kind: string; readonly isOpen: boolean; readonly count: number }[] =>
      counts.all().map(({ kind, is_open: isOpen, n }) => ({
        ...{ kind: String(kind), isOpen: Number(isOpen) === 1, count: Number(n) },
      })),
    /** What is open first, then the newest. */
    alarms: (): RaisedAlarm[] =>
      all.all().map((row) => ({
        id: Number(row.id),
        atMs: Number(row.at_ms),
        origin: String(row.origin),
        kind: row.kind as AlarmKind,
        detail: String(row.detail),
        notes: JSON.parse(String(row.notes)) as string[],
        acknowledged:
          row.acked_ms === null
            ? null
            : { by: String(row.acked_by), why: String(row.acked_why), atMs: Number(row.acked_ms) },
      })),
  };
}

function openAttested(db: SqlDatabase) {
  const newest = db.prepare('SELECT size, note FROM attested WHERE origin = ?');
  const attest = db.prepare('INSERT OR REPLACE INTO attested (origin, size, note) VALUES (?, ?, ?)');
  const add = db.prepare('INSERT INTO stamped (origin, size, note, stamp, at_ms) VALUES (?, ?, ?, ?, ?)');
  const last = db.prepare('SELECT * FROM stamped WHERE origin = ? ORDER BY id DESC LIMIT 1');
  const first = db.prepare('SELECT * FROM stamped WHERE origin = ? AND size >= ? ORDER BY id LIMIT 1');
  return {
    attested: (origin: string): Attested | undefined => {
      const row = newest.get(origin);
      return row && { size: Number(row.size), note: String(row.note) };
    },
    attest: (origin: string, { size, note }: Attested): void => void attest.run(origin, size, note),
    addStamped: (origin: string, { size, note, stamp, atMs }: Stamped): void =>
      void add.run(origin, size, note, stamp, atMs),
    lastStamped: (origin: string): Stamped | undefined => stampedOf(last.get(origin)),
    /** The first one that covers so many entries: the earliest time at which they are proved to have been there. */
    firstStamped: (origin: string, size: number): Stamped | undefined => stampedOf(first.get(origin, size)),
  };
}

function openWitnessMemory(db: SqlDatabase): WitnessMemory {
  const last = db.prepare('SELECT * FROM cosigned WHERE origin = ?');
  const set = db.prepare('INSERT OR REPLACE INTO cosigned (origin, size, root, note) VALUES (?, ?, ?, ?)');
  const lastOf = (origin: string): Cosigned | undefined => {
    const row = last.get(origin);
    return row && checkpointOf(row);
  };
  return {
    last: lastOf,
    // BEGIN IMMEDIATE: a second process that witnesses with this database waits here, and then finds another size.
    advance: (oldSize, { origin, size, root, note }) =>
      db.transaction(() => {
        if ((lastOf(origin)?.size ?? 0) !== oldSize) return false;
        set.run(origin, size, root, note);
        return true;
      }),
  };
}

function checkpointOf(row: SqlRow): Cosigned {
  return {
    origin: String(row.origin),
    size: Number(row.size),
    root: row.root as Uint8Array,
    note: String(row.note),
  };
}

function stampedOf(row: SqlRow | undefined): Stamped | undefined {
  if (!row) return undefined;
  const { size, note, stamp, at_ms } = row;
  return { size: Number(size), note: String(note), stamp: stamp as Uint8Array, atMs: Number(at_ms) };
}
