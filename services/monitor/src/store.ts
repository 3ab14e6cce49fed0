import type { Checkpoint } from '@entente/audit';
import { openDatabase } from '@entente/runtime';

export type AlarmKind = 'rollback' | 'fork' | 'split-view' | 'incomplete' | 'not-signed' | 'silent';

export interface Alarm {
  readonly atMs: number;
  readonly origin: string;
  readonly kind: AlarmKind;
  readonly detail: string;
  /** Signed checkpoints that cannot both be true, as they came: whoever has them can show it to anybody. */
  readonly notes: readonly string[];
}

export interface Seen extends Checkpoint {
  readonly note: string;
  readonly view: string;
  readonly seenMs: number;
}

export type MonitorStore = ReturnType<typeof openStore>;

const MIGRATIONS = [
  `CREATE TABLE seen (
     origin TEXT NOT NULL, view TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
     seen_ms INTEGER NOT NULL, PRIMARY KEY (origin, view)) WITHOUT ROWID;
   CREATE TABLE alarm (
     id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, origin TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
     notes TEXT NOT NULL, is_over INTEGER NOT NULL DEFAULT 0);
   CREATE UNIQUE INDEX alarm_once ON alarm (origin, kind, detail) WHERE is_over = 0;`,
];

/** What was seen of each log, last and at most; and the alarms, which stay until somebody has looked into them. */
export function openStore(path: string) {
  const db = openDatabase(path, MIGRATIONS);
  const sql = {
    seen: db.prepare('SELECT * FROM seen WHERE origin = ? ORDER BY size DESC, seen_ms DESC'),
    set: db.prepare(
      'INSERT OR REPLACE INTO seen (origin, view, size, root, note, seen_ms) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    raise: db.prepare(
      'INSERT OR IGNORE INTO alarm (at_ms, origin, kind, detail, notes) VALUES (?, ?, ?, ?, ?)',
    ),
    end: db.prepare("UPDATE alarm SET is_over = 1 WHERE origin = ? AND kind = 'silent' AND is_over = 0"),
    alarms: db.prepare('SELECT * FROM alarm WHERE is_over = 0 ORDER BY id DESC LIMIT 500'),
  };
  return Object.freeze({
    /** The largest first. */
    seenOf: (origin: string): Seen[] =>
      sql.seen.all(origin).map((row) => ({
        origin,
        size: Number(row.size),
        root: row.root as Uint8Array,
        note: String(row.note),
        view: String(row.view),
        seenMs: Number(row.seen_ms),
      })),
    set: ({ origin, view, size, root, note, seenMs }: Seen): void =>
      void sql.set.run(origin, view, size, root, note, seenMs),
    /** @returns whether it is a new one */
    raise: ({ atMs, origin, kind, detail, notes }: Alarm): boolean =>
      sql.raise.run(atMs, origin, kind, detail, JSON.stringify(notes)).changes > 0,
    /** It can be read again; the other kinds never end by themselves. */
    endSilence: (origin: string): void => void sql.end.run(origin),
    alarms: (): Alarm[] =>
      sql.alarms.all().map((row) => ({
        atMs: Number(row.at_ms),
        origin: String(row.origin),
        kind: row.kind as AlarmKind,
        detail: String(row.detail),
        notes: JSON.parse(String(row.notes)) as string[],
      })),
    close: () => db.close(),
  });
}
