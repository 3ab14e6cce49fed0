import type { SqlDatabase, SqlRow } from '@entente/runtime';
import type { Read } from './follow-crossings.js';

/** A message that one log says has left, or arrived. */
export interface Crossed {
  readonly from: string;
  readonly to: string;
  readonly side: 'left' | 'came';
  readonly index: number;
  readonly timeMs: number;
  readonly messageHash: Uint8Array;
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

/** How far a nation's logs were read. */
export interface ReadLogs {
  /** All that they had at this time is known here. */
  readonly readMs: number;
  /** The last entry without a record: what is older cannot be compared. */
  readonly erasedMs: number;
}

/** What has crossed by one nation's log and not yet by the other's; what has met its other half is forgotten. */
export function openCrossings(db: SqlDatabase) {
  const sql = {
    progress: db.prepare('SELECT size, edge FROM followed WHERE origin = ?'),
    setProgress: db.prepare(
      `INSERT INTO followed (origin, size, edge, erased_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (origin) DO UPDATE SET size = excluded.size, edge = excluded.edge, erased_ms = max(erased_ms, excluded.erased_ms)`,
    ),
    upToDate: db.prepare('UPDATE followed SET read_ms = ? WHERE origin = ?'),
    followed: db.prepare('SELECT read_ms, erased_ms FROM followed WHERE origin = ?'),
    other: db.prepare('SELECT * FROM unmet WHERE message_hash = ? AND side = ?'),
    remove: db.prepare('DELETE FROM unmet WHERE message_hash = ? AND side = ?'),
    add: db.prepare(
      'INSERT OR IGNORE INTO unmet (message_hash, side, from_nation, to_nation, idx, time_ms) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    late: db.prepare('INSERT OR IGNORE INTO late (from_nation, to_nation, idx, took_ms) VALUES (?, ?, ?, ?)'),
    allLate: db.prepare('SELECT * FROM late WHERE took_ms > ? ORDER BY idx LIMIT 1000'),
    clearLate: db.prepare('DELETE FROM late'),
    unmet: db.prepare('SELECT * FROM unmet WHERE time_ms <= ? ORDER BY time_ms LIMIT 10000'),
  };
  const meet = (crossed: Crossed) => {
    const { messageHash, side, from, to, index, timeMs } = crossed;
    const other = sql.other.get(messageHash, side === 'left' ? 'came' : 'left');
    if (!other) return void sql.add.run(messageHash, side, from, to, index, timeMs);
    sql.remove.run(messageHash, String(other.side));
    const tookMs = (side === 'came' ? 1 : -1) * (timeMs - Number(other.time_ms));
    sql.late.run(from, to, side === 'came' ? index : Number(other.idx), tookMs);
  };
  return {
    progress: (origin: string): Progress => {
      const row = sql.progress.get(origin);
      return row ? { size: Number(row.size), nodes: readEdge(String(row.edge)) } : { size: 0, nodes: [] };
    },
    /** One transaction: after a crash the same entries are read again, and none twice. */
    add: (origin: string, { size, nodes, crossed }: Progress & { readonly crossed: readonly Read[] }): void =>
      db.transaction(() => {
        const erasedMs = Math.max(
          0,
          ...crossed.filter(({ isErased }) => isErased).map(({ timeMs }) => timeMs),
        );
        sql.setProgress.run(origin, size, writeEdge(nodes), erasedMs);
        for (const { crossed: one } of crossed) if (one) meet(one);
      }),
    upToDate: (origin: string, atMs: number): void => void sql.upToDate.run(atMs, origin),
    /** @param origins of all logs of a nation */
    read: (origins: readonly string[]): ReadLogs => {
      const rows = origins.map((origin) => sql.followed.get(origin));
      return {
        readMs: Math.min(...rows.map((row) => Number(row?.read_ms ?? 0))),
        erasedMs: Math.max(...rows.map((row) => Number(row?.erased_ms ?? 0))),
      };
    },
    /** Those of before, the oldest first, 10,000 at most. */
    unmet: (beforeMs: number): Crossed[] => sql.unmet.all(beforeMs).map(crossedOf),
    /** Those that took longer; each is told once. */
    takeLate: (longerMs: number) =>
      db.transaction(() => {
        const rows = sql.allLate.all(longerMs);
        sql.clearLate.run();
        return rows.map((row) => ({
          from: String(row.from_nation),
          to: String(row.to_nation),
          index: Number(row.idx),
          tookMs: Number(row.took_ms),
        }));
      }),
  };
}

function crossedOf(row: SqlRow): Crossed {
  return {
    from: String(row.from_nation),
    to: String(row.to_nation),
    side: row.side === 'left' ? 'left' : 'came',
    index: Number(row.idx),
    timeMs: Number(row.time_ms),
    messageHash: row.message_hash as Uint8Array,
  };
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
