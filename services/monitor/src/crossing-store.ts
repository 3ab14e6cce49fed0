import { LIMITS } from '@entente/contract';
import type { SqlDatabase, SqlRow } from '@entente/runtime';

/** From where to where, and which log says so. */
export interface Way {
  readonly from: string;
  readonly to: string;
  readonly side: 'left' | 'came';
}

/** A message that one log says has left, or arrived. */
export interface Crossed extends Way {
  /** The log that says so, and where. */
  readonly origin: string;
  readonly index: number;
  readonly timeMs: number;
  readonly messageHash: Uint8Array;
}

/** An entry of a nation's log that is not compared with others: it has no record, or is of a message with a nation that is not read. */
export interface Hidden {
  readonly nation: string;
  /** Null: whoever it may have been. */
  readonly peer: string | null;
  readonly timeMs: number;
}

interface Node {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

export interface Progress {
  readonly size: number;
  readonly nodes: readonly Node[];
}

/** Some entries of a log, read and proved. */
export interface Piece extends Progress {
  readonly crossed: readonly Crossed[];
  readonly hidden: readonly Hidden[];
  /** When nothing of the log was unread after them; 0: something was. */
  readonly readMs: number;
  /** Of what has met nothing is kept that did not take longer. */
  readonly relayMs: number;
}

/** Messages of one way without their other half, which nobody was told of. */
export interface Untold {
  readonly count: number;
  /** The oldest of them. */
  readonly origin: string;
  readonly index: number;
}

/** Those of before `dueMs` whose other half would stand from so long before them to so long after them. */
export interface Span {
  readonly dueMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

const HOUR_MS = 3_600_000;
/** No message lives half as long: what was told then arrives no more. */
const FORGET_AFTER_MS = 2 * LIMITS.lifetimeMs;

/** What has crossed by one nation's log and not yet by the other's; what has met its other half is forgotten. */
export function openCrossings(db: SqlDatabase) {
  const untold = 'is_told = 0 AND side = ? AND from_nation = ? AND to_nation = ? AND time_ms <= ?';
  const isHidden = `EXISTS (SELECT 1 FROM hidden WHERE nation = ? AND peer IN ('', ?)
    AND hour BETWEEN CAST((time_ms - ?) / ${HOUR_MS} AS INTEGER) AND CAST((time_ms + ?) / ${HOUR_MS} AS INTEGER)) = ?`;
  const sql = {
    progress: db.prepare('SELECT size, edge FROM followed WHERE origin = ?'),
    setProgress: db.prepare(
      `INSERT INTO followed (origin, size, edge, read_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (origin) DO UPDATE SET size = excluded.size, edge = excluded.edge, read_ms = max(read_ms, excluded.read_ms)`,
    ),
    followed: db.prepare('SELECT read_ms FROM followed WHERE origin = ?'),
    other: db.prepare('SELECT * FROM unmet WHERE message_hash = ? AND side = ?'),
    remove: db.prepare('DELETE FROM unmet WHERE message_hash = ? AND side = ?'),
    add: db.prepare(
      'INSERT OR IGNORE INTO unmet (message_hash, side, from_nation, to_nation, origin, idx, time_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    hide: db.prepare('INSERT OR IGNORE INTO hidden (nation, peer, hour) VALUES (?, ?, ?)'),
    // The columns are those of the oldest row, by SQLite's rule for a lone min().
    untold: db.prepare(
      `SELECT count(*) AS n, min(time_ms), origin, idx FROM unmet WHERE ${untold} AND ${isHidden}`,
    ),
    setTold: db.prepare(`UPDATE unmet SET is_told = 1 WHERE ${untold} AND ${isHidden}`),
    oldest: db.prepare(
      'SELECT min(time_ms) AS ms FROM unmet WHERE is_told = 0 AND side = ? AND from_nation = ? AND to_nation = ?',
    ),
    forget: db.prepare('DELETE FROM unmet WHERE is_told = 1 AND time_ms < ?'),
    forgetHidden: db.prepare('DELETE FROM hidden WHERE hour < ?'),
    addLate: db.prepare(
      'INSERT OR IGNORE INTO late (from_nation, to_nation, origin, idx, took_ms) VALUES (?, ?, ?, ?, ?)',
    ),
    inTime: db.prepare('DELETE FROM late WHERE took_ms <= ?'),
    late: db.prepare(
      'SELECT count(*) AS n, min(idx), idx, origin FROM late WHERE from_nation = ? AND to_nation = ?',
    ),
    clearLate: db.prepare('DELETE FROM late WHERE from_nation = ? AND to_nation = ?'),
    unmet: db.prepare('SELECT count(*) AS n FROM unmet'),
    hidden: db.prepare('SELECT count(*) AS n FROM hidden'),
  };
  /** Since the start: that a log is as it was is not written each time. What is on disk is earlier, and never too late. */
  const upToDate = new Map<string, number>();
  const meet = (relayMs: number, { messageHash, side, from, to, origin, index, timeMs }: Crossed) => {
    const other = sql.other.get(messageHash, side === 'left' ? 'came' : 'left');
    if (!other) return void sql.add.run(messageHash, side, from, to, origin, index, timeMs);
    sql.remove.run(messageHash, String(other.side));
    const tookMs = (side === 'came' ? 1 : -1) * (timeMs - Number(other.time_ms));
    if (tookMs <= relayMs) return;
    const [where, at] = side === 'came' ? [origin, index] : [String(other.origin), Number(other.idx)];
    sql.addLate.run(from, to, where, at, tookMs);
  };
  return {
    progress: (origin: string): Progress => {
      const row = sql.progress.get(origin);
      return row ? { size: Number(row.size), nodes: readEdge(String(row.edge)) } : { size: 0, nodes: [] };
    },
    /** One transaction: after a crash the same entries are read again, and none twice. */
    add: (origin: string, { size, nodes, crossed, hidden, readMs, relayMs }: Piece): void =>
      db.transaction(() => {
        sql.setProgress.run(origin, size, writeEdge(nodes), readMs);
        for (const { nation, peer, timeMs } of hidden)
          sql.hide.run(nation, peer ?? '', Math.floor(timeMs / HOUR_MS));
        for (const one of crossed) meet(relayMs, one);
      }),
    /** Nothing of it was unread at this time. */
    upToDate: (origin: string, atMs: number): void => void upToDate.set(origin, atMs),
    /**
     * All that a nation's logs had at this time is known here.
     * @param origins of all its logs
     */
    readMs: (origins: readonly string[]): number =>
      Math.min(
        ...origins.map((origin) =>
          Math.max(upToDate.get(origin) ?? 0, Number(sql.followed.get(origin)?.read_ms ?? 0)),
        ),
      ),
    /**
     * Each message is told once. One transaction: after a crash in `tell` nobody was told.
     * @param isHidden those whose other half may be among what is not compared, or the others
     */
    tellUnmet: (
      { side, from, to }: Way,
      { dueMs, beforeMs, afterMs }: Span,
      isHidden: boolean,
      tell: (untold: Untold) => void,
    ): void =>
      db.transaction(() => {
        const [other, own] = side === 'left' ? [to, from] : [from, to];
        const which = [side, from, to, dueMs, other, own, beforeMs, afterMs, Number(isHidden)];
        const found = untoldOf(sql.untold.get(...which));
        if (!found) return;
        tell(found);
        sql.setTold.run(...which);
      }),
    /** Of those that have met nothing is kept but of those that took longer; by another time than was given when they met. */
    dropInTime: (longestMs: number): void => void sql.inTime.run(longestMs),
    /** Those; each is told once. */
    tellLate: ({ from, to }: Pick<Way, 'from' | 'to'>, tell: (untold: Untold) => void): void =>
      db.transaction(() => {
        const found = untoldOf(sql.late.get(from, to));
        if (!found) return;
        tell(found);
        sql.clearLate.run(from, to);
      }),
    /** When the oldest message of a way was logged of which somebody is still to be told; `Infinity`: there is none. */
    oldestUntoldMs: ({ side, from, to }: Way): number =>
      Number(sql.oldest.get(side, from, to)?.ms ?? Infinity),
    forgetTold: (nowMs: number): void => void sql.forget.run(nowMs - FORGET_AFTER_MS),
    /**
     * INVARIANT: what is not compared excuses what was logged about then for as long as that can still be told, or read.
     * @param openMs nothing from before is still to be told or to be read
     */
    forgetHidden: (openMs: number): void =>
      void sql.forgetHidden.run(Math.floor((openMs - FORGET_AFTER_MS) / HOUR_MS)),
    countUnmet: (): number => Number(sql.unmet.get()?.n),
    countHidden: (): number => Number(sql.hidden.get()?.n),
  };
}

function untoldOf(row: SqlRow | undefined): Untold | undefined {
  if (!row || Number(row.n) === 0) return undefined;
  return { count: Number(row.n), origin: String(row.origin), index: Number(row.idx) };
}

function writeEdge(nodes: readonly Node[]): string {
  return nodes
    .map(({ level, index, hash }) => `${level} ${index} ${Buffer.from(hash).toString('hex')}`)
    .join('\n');
}

function readEdge(text: string): Node[] {
  const lines = text === '' ? [] : text.split('\n');
  return lines.map((line) => {
    const [level, index, hash = ''] = line.split(' ');
    return { level: Number(level), index: Number(index), hash: Buffer.from(hash, 'hex') };
  });
}
