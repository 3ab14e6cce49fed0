import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { appendLeaves, leafHash, openCheckpoint, parseVkey, TILE_WIDTH } from '@entente/audit';
import { wire } from '@entente/contract';
import { isMalformed, openForReading } from '@entente/runtime';
import { checkAdopted, checkApprovals, checkClaims, checkTally } from './check-derived.js';
import { createFaultList } from './fault-list.js';
import { headerIn, unlessUnreadable } from './header-in.js';
import { LEDGER_SCHEMA } from './open-records.js';
import { keyOf, oneOf, type Reader, type Report, type StoredRow } from './own-key.js';
import type { LogFault, ReadLog } from './read-log.js';

/** SHA-256 of what `ledger.sqlite` says of its tables, at `LEDGER_SCHEMA`; compared with what a ledger makes by a test. */
export const LEDGER_TABLES = '05e021c7b2e7fd942a5165a24fd7f0ab2dc77a89b3a6ee061e0160ab4f92f1f4';

/**
 * INVARIANT: a ledger goes on by nothing that does not follow from its entries. What it keeps beside them (tree, head, ids that are taken,
 * words about messages, adoptions, counts) is held against them here, and the tree against the log that was read. Whoever changes a
 * table of the database changes what the ledger answers next, and in no file of the log can that be seen.
 *
 * Asks one state of the database, also while its ledger writes. What is erased stands for nothing; a file that holds entries only, as a
 * copy may, is not looked at further.
 * @param log as it was read, which the database holds and may exceed
 */
export async function checkTables(
  path: string,
  vkey: string,
  log: Pick<ReadLog, 'size' | 'root'>,
): Promise<LogFault[]> {
  const faults = createFaultList();
  const report: Report = (code, detail, index = null) =>
    faults.add({ index, code, detail: `ledger.sqlite: ${detail}` });
  try {
    const database = openForReading(path, LEDGER_SCHEMA);
    try {
      database.prepare('BEGIN').run();
      if (checkForm(database, report)) await checkContent(database, vkey, log, report);
    } finally {
      database.close();
    }
  } catch (error) {
    if (!isMalformed(error)) throw error;
    report('database-malformed', error.message);
  }
  return faults.list();
}

const MOST_PROBLEMS = 20;

/** Pages, trees of pages and indices; then the tables' own text. @returns whether the rest can be asked */
function checkForm(database: Reader, report: Report): boolean {
  const problems = database.prepare(`PRAGMA integrity_check(${MOST_PROBLEMS})`).all();
  const found = problems.map(({ integrity_check: words }) => String(words)).filter((words) => words !== 'ok');
  for (const words of found) report('database-malformed', words.slice(0, 200));
  // With entries and nothing else no ledger can go on.
  if (oneOf(database, "SELECT count(*) AS one FROM sqlite_schema WHERE name <> 'entry'") === 0) return false;
  const schema = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  if (schema !== LEDGER_SCHEMA) {
    report('database-differs', `it has schema ${schema}, and a ledger of this version ${LEDGER_SCHEMA}`);
    return false;
  }
  if (tablesOf(database) === LEDGER_TABLES) return true;
  report('database-differs', "its tables are not those of a ledger's database");
  return false;
}

/** Hex. */
export function tablesOf(database: Reader): string {
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').all();
  return createHash('sha256')
    .update(JSON.stringify(rows.map(Object.values)))
    .digest('hex');
}

async function checkContent(
  database: Reader,
  vkey: string,
  { size, root }: Pick<ReadLog, 'size' | 'root'>,
  report: Report,
): Promise<void> {
  const head = database.prepare('SELECT size, note, time_ms FROM head').get();
  const own = Number(head?.size);
  if (own < size) report('database-differs', `its head has ${own} entries, and the log ${size}`);
  const tree = createTree(database, report);
  const ids = createIds(database, report);
  const tally = checkTally(database, report);
  const adopted = checkAdopted(database, report);
  let timeMs = 0;
  for (let at = 0; at < own; ) {
    // The log that was read ends where a page ends.
    const until = Math.min(at + TILE_WIDTH, own, at < size ? size : own);
    const rows = database.prepare(PAGE).all(at, until) as unknown as StoredRow[];
    for (const row of rows) {
      const leaf = unlessUnreadable(() => wire.leaf.decode(row.leaf));
      const { record: bytes } = row;
      const record = bytes === null ? undefined : unlessUnreadable(() => wire.record.decode(bytes));
      const header = record && headerIn(record);
      timeMs = leaf?.timeMs ?? timeMs;
      tally.take(leaf, record, header);
      if (!record) ids.passOver(Number(row.idx), leaf);
      if (!record) continue;
      ids.take(row, record, header);
      adopted.take(Number(row.idx), record);
    }
    const reached = tree.take(at, until, rows);
    at = until;
    if (at === size && reached !== undefined && reached !== root)
      report('database-differs', 'its entries give another root than the log');
    if (at === own) checkHead(vkey, { size: own, root: reached, timeMs }, head, report);
    // A size that was changed may be any.
    if (rows.length === 0) break;
    await setImmediate();
  }
  const entries = oneOf(database, 'SELECT count(*) AS one FROM entry');
  if (entries > own) report('database-differs', `it has ${entries} entries, and its head ${own}`);
  tree.finish(own);
  tally.finish();
  adopted.finish();
  checkApprovals(database, report);
  await checkClaims(database, report);
}

const PAGE =
  'SELECT idx, leaf, record, message_hash, stage, step FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx';

function checkHead(
  vkey: string,
  {
    size,
    root,
    timeMs,
  }: Pick<ReadLog, 'size'> & { readonly root: string | undefined; readonly timeMs: number },
  head: Record<string, unknown> | undefined,
  report: Report,
): void {
  const key = parseVkey(vkey);
  const opened = unlessUnreadable(() => openCheckpoint(String(head?.note), key, key.name));
  const isOther = root !== undefined && opened && Buffer.from(opened.root).toString('hex') !== root;
  if (!opened) report('database-differs', 'its checkpoint is not of this log');
  else if (opened.size !== size || isOther) report('database-differs', 'its checkpoint is of another tree');
  if (Number(head?.time_ms) !== timeMs) report('database-differs', 'its time is not that of the last entry');
}

/** Every node of the tree, made again from the leaves. */
function createTree(database: Reader, report: Report) {
  const find = database.prepare('SELECT hash FROM node WHERE level = ? AND idx = ?');
  const readNode = (level: number, index: number) => find.get(level, index)?.hash as Uint8Array | undefined;
  let [count, isBroken] = [0, false];
  return {
    /** @returns the root so far, in hex; undefined where something before is missing */
    take: (at: number, until: number, rows: readonly StoredRow[]): string | undefined => {
      if (isBroken) return undefined;
      isBroken = rows.length < until - at || rows.some(({ idx }, i) => Number(idx) !== at + i);
      if (isBroken) {
        report('database-differs', `of the entries ${at} to ${until - 1} some are missing`);
        return undefined;
      }
      const made = unlessUnreadable(() =>
        appendLeaves(
          at,
          rows.map(({ leaf }) => leafHash(leaf)),
          readNode,
        ),
      );
      if (!made) {
        isBroken = true;
        report('database-differs', `the tree before entry ${at} is not whole`);
        return undefined;
      }
      count += made.nodes.length;
      for (const { level, index, hash } of made.nodes) {
        const kept = readNode(level, index);
        if (!kept || Buffer.compare(kept, hash) !== 0)
          report('database-differs', `node ${level}/${index} is not that of its leaves`);
      }
      return Buffer.from(made.root).toString('hex');
    },
    finish: (size: number): void => {
      const has = oneOf(database, 'SELECT count(*) AS one FROM node');
      if (!isBroken && has !== count)
        report('database-differs', `it has ${has} nodes, and ${size} entries make ${count}`);
    },
  };
}

/** By what a message is known again, whose id it is, and who may have spoken of it. */
function createIds(database: Reader, report: Report) {
  const claim = database.prepare('SELECT message_hash FROM claim WHERE sender = ? AND id = ?');
  const approval = database.prepare(
    'SELECT idx FROM approval WHERE message_hash = ? AND sender = ? AND role = ?',
  );
  const erased = database.prepare('SELECT 1 AS one FROM entry WHERE message_hash = ? AND record IS NULL');
  const first = database.prepare('SELECT min(idx) AS idx FROM entry WHERE message_hash = ?');
  const differs = (index: number, what: string) => report('database-differs', what, index);
  let follows = false;
  let lostWord = -1;
  return {
    /** Of what is erased its leaf still says whether it was a word about a message. */
    passOver: (index: number, leaf: wire.LeafFrame | undefined): void => {
      if (leaf?.event === 'approval') lostWord = index;
    },
    take: (row: StoredRow, record: wire.RecordFrame, header: wire.HeaderFrame | undefined): void => {
      const index = Number(row.idx);
      if (index === 0 && record.event === 'log-opened') follows = true;
      const { messageHash, stage, step, claims, approves } = keyOf(index, record, header);
      const isOwn =
        Buffer.compare(row.message_hash, messageHash) === 0 && row.stage === stage && row.step === step;
      if (!isOwn) differs(index, 'it is not found by what its record is about');
      if (claims) {
        const claimed = claim.get(claims.sender, claims.id)?.message_hash as Uint8Array | undefined;
        const isGone = !claimed && erased.get(messageHash) !== undefined;
        if (!isGone && Buffer.compare(claimed ?? NOTHING, messageHash) !== 0)
          differs(index, 'the id of its message is not kept as taken by it');
      }
      if (!approves) return;
      const said = approval.get(approves.messageHash, approves.sender, approves.role)?.idx;
      // The first word counts; it may stand in the log before this one, or be erased, and what was kept of it with it.
      const isKept = said === undefined ? follows : Number(said) <= index;
      if (!isKept && lostWord <= Number(first.get(approves.messageHash)?.idx ?? -1))
        differs(index, 'its word about a message is not kept');
    },
  };
}

const NOTHING = new Uint8Array();
