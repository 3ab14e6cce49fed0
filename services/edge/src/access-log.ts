import { randomBytes } from 'node:crypto';
import { appendLeaves, consistencyProof, emptyRoot, leafHash, type ReadNode } from '@entente/audit';
import type { Access } from '@entente/contract';
import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { commitmentOf } from '@entente/seal';

/**
 * What decides how long this edge keeps a case, and what went. These words stand in no message, so they are none of the vocabulary, whose hash
 * is part of every message.
 */
export type Keeping = 'legal-hold' | 'legal-hold-end' | 'erasure-order' | 'erasure';

/** Who saw what, when, and why; and who had what kept or erased (LED Art. 25(1)). Never what was said. */
export interface AccessEntry {
  readonly at_ms: number;
  /** A pseudonym of this edge; of an inspection and a recall the other member and its own pseudonym. */
  readonly actor: string;
  readonly what: Access | Keeping;
  /** Empty where it was not about one case. */
  readonly case_id: string;
  readonly message_id: string;
  /** In the person's own words, or the word of an inspection. */
  readonly justification: string;
  /** What of it: a path, or what came of it; of an erasure the word of its reason. */
  readonly detail: string;
  /** Of a legal hold and an erasure: where the decision can be found, the days of a referral, or the id of a recall. */
  readonly reference?: string;
  /** Units or file numbers, no names. */
  readonly proposed_by?: string;
  readonly approved_by?: readonly string[];
  /** Of an erasure of this log's own entries: which, first and last of each range. */
  readonly accesses?: readonly (readonly [first: number, last: number])[];
}

/** An entry as it is kept and proved. */
export interface AccessRow {
  readonly index: number;
  /** JSON of an AccessEntry, to the byte what the tree commits to; empty: it is erased. */
  readonly entry: string;
  /** 16 bytes, or empty. */
  readonly salt: Uint8Array;
  /** What is left in the tree of one that is erased: 32 bytes. */
  readonly leaf?: Uint8Array;
}

export type AccessLog = ReturnType<typeof openAccessLog>;

/**
 * A member's log of accesses: append-only, a Merkle tree (RFC 6962) whose root goes on record in the nation's ledger each day. Whoever can
 * write the database can change what came after the last anchor, and nothing before it without being found.
 */
export function openAccessLog(db: SqlDatabase) {
  const sql = {
    head: db.prepare('SELECT size, root FROM access_head'),
    swapHead: db.prepare('UPDATE access_head SET size = ?, root = ? WHERE size = ?'),
    insert: db.prepare('INSERT INTO access (idx, entry, salt) VALUES (?, ?, ?)'),
    node: db.prepare('SELECT hash FROM access_node WHERE level = ? AND idx = ?'),
    insertNode: db.prepare('INSERT INTO access_node (level, idx, hash) VALUES (?, ?, ?)'),
    from: db.prepare('SELECT * FROM access WHERE idx >= ? ORDER BY idx LIMIT ?'),
    kept: db.prepare(
      `SELECT idx, entry FROM access INDEXED BY access_kept WHERE idx >= ? AND idx < ? AND entry <> '' ORDER BY idx LIMIT ?`,
    ),
    erase: db.prepare(`UPDATE access SET entry = '', salt = x'' WHERE idx = ?`),
    // In an entry's JSON quotes of anybody's own words are escaped: none of them looks like this.
    legalHolds: db.prepare(
      `SELECT entry FROM access INDEXED BY access_legal_hold WHERE instr(entry, '"what":"legal-hold') > 0 ORDER BY idx`,
    ),
  };
  const readNode: ReadNode = (level, index) => sql.node.get(level, index)?.hash as Uint8Array | undefined;
  const head = () => {
    const row = sql.head.get();
    const size = Number(row?.size);
    return { size, root: size === 0 ? emptyRoot() : (row?.root as Uint8Array) };
  };
  const keptFrom = (from: number, before: number, limit: number) =>
    sql.kept.all(from, before, limit).map(({ idx, entry }) => ({
      index: Number(idx),
      entry: JSON.parse(String(entry)) as AccessEntry,
    }));
  // All before it that may go by its age stays: what says which entries went, and what was about a case on legal hold.
  let looked = { from: 0, held: '' };
  return Object.freeze({
    head,
    /** In one transaction; on disk when that is. */
    add: (entry: AccessEntry): void => {
      db.transaction(() => {
        const before = head();
        const text = JSON.stringify(entry);
        const salt = randomBytes(16);
        const leaf = accessLeaf(salt, text);
        const { size, root, nodes } = appendLeaves(before.size, [leaf], readNode);
        sql.insert.run(before.size, text, salt);
        for (const { level, index, hash } of nodes) sql.insertNode.run(level, index, hash);
        if (sql.swapHead.run(size, root, before.size).changes !== 1)
          throw new Error('the access log has another writer');
      });
    },
    list: (from: number, limit: number): AccessRow[] =>
      sql.from.all(from, limit).map((row) => {
        const { index, entry, salt } = toRow(row);
        return entry === ''
          ? { index, entry, salt, leaf: readNode(0, index) ?? NOTHING }
          : { index, entry, salt };
      }),
    /** Entries that are there, in their order. */
    keptFrom: (from: number, limit: number) => keptFrom(from, Number.MAX_SAFE_INTEGER, limit),
    /**
     * The first entries that were made before that time, but for those that stay: at most so many.
     * @param before no entry from there on
     * @param held cases of which none goes
     */
    over: (beforeMs: number, before: number, held: ReadonlySet<string>): number[] => {
      const key = [...held].sort().join();
      if (looked.held !== key) looked = { from: 0, held: key };
      for (;;) {
        const [first] = keptFrom(looked.from, before, 1);
        if (!first || first.entry.at_ms >= beforeMs) return [];
        const page = keptFrom(looked.from, before, MOST_AT_ONCE);
        const young = page.findIndex(({ entry }) => entry.at_ms >= beforeMs);
        const old = young < 0 ? page : page.slice(0, young);
        const going = old.filter(({ entry }) => !entry.accesses && !held.has(entry.case_id));
        if (going.length > 0) return going.map(({ index }) => index);
        looked = { from: (old.at(-1)?.index ?? looked.from) + 1, held: key };
      }
    },
    /** Text and salt go; the leaves stay. */
    erase: (indices: readonly number[]): void => {
      for (const index of indices) sql.erase.run(index);
    },
    /** The cases that are under legal hold by what this log says. */
    held: (): ReadonlySet<string> => {
      const held = new Set<string>();
      for (const { entry } of sql.legalHolds.all()) {
        const { what, case_id: caseId } = JSON.parse(String(entry)) as AccessEntry;
        if (what === 'legal-hold') held.add(caseId);
        else held.delete(caseId);
      }
      return held;
    },
    /** That the log of `oldSize` entries is the beginning of this one. */
    consistency: (oldSize: number, size: number): Uint8Array[] => consistencyProof(oldSize, size, readNode),
  });
}

const NOTHING = new Uint8Array();
/** So many are looked at in one turn. */
const MOST_AT_ONCE = 2000;

/** The salt keeps a root that stands in the ledger from being tested against a guess. */
function accessLeaf(salt: Uint8Array, entry: string): Uint8Array {
  return leafHash(commitmentOf(salt, Buffer.from(entry)));
}

function toRow(row: SqlRow): AccessRow {
  return { index: Number(row.idx), entry: String(row.entry), salt: row.salt as Uint8Array };
}
