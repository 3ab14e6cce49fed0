import type { Checkpoint, Cosigned, WitnessMemory } from '@entente/audit';
import { openDatabase, type SqlDatabase, type SqlRow } from '@entente/runtime';
import { openAlarms } from './alarm-store.js';
import { openCrossings } from './crossing-store.js';
import { MIGRATIONS } from './migrations.js';

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
  const all = db.prepare('SELECT * FROM seen WHERE origin = ?');
  /** Since the start, of what is on disk as it was seen: a look that finds nothing new writes nothing. */
  const again = new Map<string, number>();
  const set = db.prepare(
    'INSERT OR REPLACE INTO seen (origin, view, size, root, note, seen_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return {
    /** The largest first. */
    seenOf: (origin: string): Seen[] =>
      all
        .all(origin)
        .map((row) => {
          const view = String(row.view);
          const seenMs = again.get(`${origin} ${view}`) ?? Number(row.seen_ms);
          return { ...checkpointOf(row), view, seenMs };
        })
        .sort((a, b) => b.size - a.size || b.seenMs - a.seenMs),
    /** When the same was seen again is not kept on disk: after a start nobody is silent before its time. */
    set: ({ origin, view, size, root, note, seenMs }: Seen): void => {
      const isKnown = all.all(origin).some((row) => row.view === view && row.note === note);
      if (!isKnown) set.run(origin, view, size, root, note, seenMs);
      again.set(`${origin} ${view}`, seenMs);
    },
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
