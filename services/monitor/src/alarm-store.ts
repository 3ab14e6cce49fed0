import type { SqlDatabase, SqlRow } from '@entente/runtime';

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
  /** It has more notes than are shown here. */
  readonly notesLeftOut?: true;
}

/** As many characters of evidence are shown together: any one alarm's fits, and what is chosen by a hostile log is no flood. */
const MOST_NOTES = 8_000_000;

/**
 * Whoever shows a log chooses how often it contradicts itself, and in which sizes: of what is open about one thing the first alarm and
 * the newest are kept.
 */
export function openAlarms(db: SqlDatabase) {
  const group = 'origin = ? AND kind = ? AND about = ? AND is_over = 0 AND acked_ms IS NULL';
  const raise = db.prepare(
    'INSERT OR IGNORE INTO alarm (at_ms, origin, kind, detail, about, notes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const span = db.prepare(`SELECT min(id) AS first, max(id) AS newest FROM alarm WHERE ${group}`);
  const thin = db.prepare(`DELETE FROM alarm WHERE ${group} AND id > ? AND id < ?`);
  const open = db.prepare(
    'SELECT 1 FROM alarm WHERE kind = ? AND about = ? AND is_over = 0 AND acked_ms IS NULL LIMIT 1',
  );
  const end = db.prepare(
    'UPDATE alarm SET is_over = 1 WHERE origin = ? AND kind = ? AND (? IS NULL OR about = ?) AND is_over = 0',
  );
  const shown = 'id, at_ms, origin, kind, detail, acked_ms, acked_by, acked_why';
  const all = db.prepare(
    `SELECT ${shown}, length(notes) AS n FROM alarm WHERE is_over = 0 ORDER BY acked_ms IS NOT NULL, id DESC LIMIT 500`,
  );
  const one = db.prepare(`SELECT ${shown} FROM alarm WHERE id = ? AND is_over = 0`);
  const notesOf = db.prepare('SELECT notes FROM alarm WHERE id = ?');
  const acknowledge = db.prepare(
    'UPDATE alarm SET acked_ms = ?, acked_by = ?, acked_why = ? WHERE id = ? AND is_over = 0 AND acked_ms IS NULL',
  );
  const counts = db.prepare(
    'SELECT kind, acked_ms IS NULL AS is_open, count(*) AS n FROM alarm WHERE is_over = 0 GROUP BY 1, 2',
  );
  const withNotes = (row: SqlRow): RaisedAlarm => ({
    ...alarmOf(row),
    notes: JSON.parse(String(notesOf.get(Number(row.id))?.notes)) as string[],
  });
  return {
    /** @returns whether it is a new one, and no other than the first is open about the same */
    raise: ({ atMs, origin, kind, detail, about = detail, notes }: Alarm): boolean =>
      db.transaction(() => {
        const before = span.get(origin, kind, about);
        if (raise.run(atMs, origin, kind, detail, about, JSON.stringify(notes)).changes === 0) return false;
        const { first, newest } = span.get(origin, kind, about) ?? {};
        thin.run(origin, kind, about, Number(first), Number(newest));
        return before?.first === before?.newest;
      }),
    /** Whether nobody has looked into the last one yet. */
    isOpen: (kind: AlarmKind, about: string): boolean => open.get(kind, about) !== undefined,
    /** Without what it is about: all of this kind. */
    end: (origin: string, kind: PassingKind, about: string | null = null): void =>
      void end.run(origin, kind, about, about),
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
    /** What is open first, then the newest: 500 at most. Where the notes of all are too long together, those of the last ones are left out. */
    alarms: (): RaisedAlarm[] => {
      let length = 0;
      return all.all().map((row) => {
        const fits = length + Number(row.n) <= MOST_NOTES;
        if (fits) length += Number(row.n);
        return fits ? withNotes(row) : { ...alarmOf(row), notesLeftOut: true };
      });
    },
    /** With all its evidence. */
    alarm: (id: number): RaisedAlarm | undefined => {
      const row = one.get(id);
      return row && withNotes(row);
    },
  };
}

function alarmOf(row: SqlRow): RaisedAlarm {
  return {
    id: Number(row.id),
    atMs: Number(row.at_ms),
    origin: String(row.origin),
    kind: row.kind as AlarmKind,
    detail: String(row.detail),
    notes: [],
    acknowledged:
      row.acked_ms === null
        ? null
        : { by: String(row.acked_by), why: String(row.acked_why), atMs: Number(row.acked_ms) },
  };
}
