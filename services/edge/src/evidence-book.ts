import type { Evidence } from '@entente/contract';
import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { boundTime } from './bound-time.js';
import { firstLookMs } from './evidence-clocks.js';
import type { IncompleteWays } from './incomplete-ways.js';
import type { Outbox, Standing } from './outbox.js';
import { FILED_UNDER } from './outbox-contents.js';
import type { Outcome } from './outbox-row.js';

export interface EvidenceRow {
  readonly messageId: string;
  readonly evidence: Evidence;
  /** The nation whose ledger, or the member whose seal, says so. */
  readonly source: string;
  readonly atMs: number;
  readonly code: string;
  readonly reason: string;
  readonly rules: readonly { readonly id: string; readonly basis: string; readonly says: string }[];
  /** A gate's Entry or an edge's Passage, encoded: what an auditor verifies. Empty when it is erased. */
  readonly raw: Uint8Array;
}

/** What the conclusion is drawn from. */
type Word = Pick<EvidenceRow, 'evidence' | 'source' | 'atMs' | 'code' | 'reason'>;

/** That a message was taken back unsent no evidence says. */
type Proved = Exclude<Outcome, 'recalled'>;

export type EvidenceBook = ReturnType<typeof openEvidenceBook>;

/**
 * What is proved about the messages of the outbox, and what follows for each.
 * @param ways of which a gate's entry is missing
 * @param member whose outbox it is: what it says itself is that a clock has ended
 * @param now by this edge's clock
 */
export function openEvidenceBook(
  db: SqlDatabase,
  outbox: Outbox,
  ways: IncompleteWays,
  member: string,
  now: () => number,
) {
  const sql = {
    insert: db.prepare(
      `INSERT OR IGNORE INTO evidence (message_id, evidence, source, at_ms, code, reason, rules, raw, shared)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertShared: db.prepare('INSERT INTO shared_raw (raw) VALUES (?) RETURNING id'),
    byMessage: db.prepare(
      `SELECT evidence, source, at_ms, code, reason, rules, coalesce(evidence.raw, shared_raw.raw) AS raw
       FROM evidence LEFT JOIN shared_raw ON shared_raw.id = evidence.shared WHERE ${ofMessage} ORDER BY at_ms`,
    ),
    one: db.prepare(`SELECT 1 FROM evidence WHERE ${ofMessage} AND evidence = ? AND source = ?`),
    forget: db.prepare(`DELETE FROM evidence WHERE ${ofMessage} AND evidence = ? AND source = ?`),
    // Its words of closed lists stay, and nothing that proves them.
    strip: db.prepare(`UPDATE evidence SET raw = x'', shared = NULL WHERE ${ofMessage}`),
    drop: db.prepare(`DELETE FROM evidence WHERE ${ofMessage}`),
    sharedOf: db.prepare(`SELECT shared FROM evidence WHERE ${ofMessage} AND shared IS NOT NULL`),
    unshare: db.prepare(
      'DELETE FROM shared_raw WHERE id = ? AND NOT EXISTS (SELECT 1 FROM evidence WHERE shared = shared_raw.id)',
    ),
    words: db.prepare(
      'SELECT evidence, source, at_ms, code, reason FROM evidence WHERE message_id = ? ORDER BY at_ms',
    ),
  };
  const list = (messageId: string): EvidenceRow[] =>
    sql.byMessage.all(messageId).map((row) => toRow(messageId, row));
  /** It was told at its sealing; what was sealed before that was noted says it itself. */
  const firstLookOf = ({ id, firstLookMs: afterMs }: Standing): number | undefined => {
    if (afterMs !== null) return afterMs;
    const said = outbox.submission(id);
    return said && firstLookMs(said.content);
  };
  /** What one seal says of several messages stays for as long as one of them does. */
  const without = (remove: typeof sql.strip, messageId: string): void => {
    const shared = sql.sharedOf.all(messageId);
    remove.run(messageId);
    for (const row of shared) sql.unshare.run(Number(row.shared));
  };
  return Object.freeze({
    list,
    /** What proves it goes. */
    strip: (messageId: string): void => without(sql.strip, messageId),
    /** All of it goes. */
    drop: (messageId: string): void => without(sql.drop, messageId),
    /** Of what was shared nobody had need. */
    unshare: (shared: number): void => void sql.unshare.run(shared),
    /** Whether this was filed already. */
    has: (messageId: string, evidence: string, source: string): boolean =>
      sql.one.get(messageId, evidence, source) !== undefined,
    /** It was about another form of the message than the one that counts. */
    forget: (messageId: string, evidence: Evidence, source: string): void =>
      void sql.forget.run(messageId, evidence, source),
    /** Keeps once what one seal says of many messages. @returns its name, for `file` */
    share: (raw: Uint8Array): number => Number(sql.insertShared.get(raw)?.id),
    /**
     * Files one piece of evidence and draws the conclusion, in one transaction; filing it twice changes nothing, nor does what is
     * said of a message that is not here.
     * @param standing of its message, where the same transaction has read it
     */
    file: (
      row: Omit<EvidenceRow, 'raw'> & { readonly raw: Uint8Array | number },
      standing?: Standing,
    ): void => {
      db.transaction(() => {
        const { messageId, evidence, source, code, reason, rules, raw } = row;
        const before = standing ?? outbox.standing(messageId);
        if (!before) return;
        // In `raw` stands what was said.
        const atMs = boundTime(row.atMs, before.createdMs, now());
        const kept = before.isErased ? STRIPPED : typeof raw === 'number' ? [null, raw] : [raw, null];
        const filed = [
          before.filedUnder,
          evidence,
          source,
          atMs,
          code,
          reason,
          JSON.stringify(rules),
        ] as const;
        if (sql.insert.run(...filed, ...kept).changes === 0) return;
        const isEnded = before.outcome === 'delivered' || before.outcome === 'refused';
        if (isEnded && evidence.endsWith('-accepted')) ways.noteEntry(messageId, before.to);
        if (isWithoutEffect(evidence, before.outcome)) return;
        if (isRefusedBeyond(row, before.to)) ways.noteEnd(messageId, before.to, now());
        const all = isArrival(row, member) ? [row] : sql.words.all(before.filedUnder).map(toWord);
        const heldMs = endedHoldMs(all, row);
        if (heldMs > 0) outbox.putOff(messageId, heldMs);
        const end = conclude(all, member);
        if (before.outcome === end.outcome) return;
        // Once it is delivered other clocks run: that somebody opens it, that somebody acts.
        const isReferral = end.outcome === 'delivered' && before.updateWord === '';
        const afterMs = isReferral ? firstLookOf(before) : undefined;
        const look = afterMs === undefined ? {} : { lookMs: atMs + afterMs };
        outbox.conclude(messageId, { ...end, atMs, ...look }, before);
        if (end.outcome === 'delivered') ways.noteEnd(messageId, before.to, now());
      });
    },
  });
}

/** SQL: of the message with this id. */
const ofMessage = `message_id = (SELECT ${FILED_UNDER} FROM outbox WHERE id = ?)`;

/** Nothing that proves a message comes back after it was erased. */
const STRIPPED = [new Uint8Array(), null];

/**
 * What need not be weighed against all that is filed: a message that another says to have arrived has arrived, whatever else
 * comes; and that a gate let it pass ends nothing but a hold.
 */
function isWithoutEffect(evidence: Evidence, before: Outcome): boolean {
  return before === 'delivered' || (before === '' && evidence.endsWith('-accepted'));
}

/** What another says to have arrived has arrived, whatever else is filed. */
function isArrival({ evidence, source }: Word, member: string): boolean {
  return source !== member && DECISIVE.delivered.includes(evidence);
}

/** By its recipient or by the gate of that one's nation: its own gate has let it pass before. */
function isRefusedBeyond({ evidence, source }: Word, to: string): boolean {
  return evidence === 'relay-rejected' || (evidence === 'not-delivered' && source === to);
}

const DECISIVE: Readonly<Record<Exclude<Proved, ''>, readonly Evidence[]>> = {
  delivered: ['delivered', 'retrieved'],
  refused: ['submission-rejected', 'relay-rejected', 'not-delivered'],
  expired: ['relay-failed', 'not-delivered'],
  held: ['held'],
};

/**
 * The outcome, with code and reason of the word that it follows from. Positive evidence supersedes negative, however late it comes; what
 * another says supersedes our own clock.
 */
function conclude(all: readonly Word[], member: string): Conclusion {
  const byOthers = all.filter(({ source }) => source !== member);
  const first = (rows: readonly Word[], outcome: keyof typeof DECISIVE) => {
    const word = rows.find(({ evidence }) => DECISIVE[outcome].includes(evidence));
    return word && { outcome, code: word.code, reason: word.reason };
  };
  const unreleased = all.filter((row) => !isReleased(all, row));
  return (
    first(byOthers, 'delivered') ??
    first(byOthers, 'refused') ??
    first(all, 'expired') ??
    first(unreleased, 'held') ?? { outcome: '', code: '', reason: '' }
  );
}

type Conclusion = Pick<Word, 'code' | 'reason'> & { readonly outcome: Outcome };

/** The gate that held it has let it pass since. */
function isReleased(all: readonly Word[], held: Word): boolean {
  return all.some(({ source, evidence }) => source === held.source && evidence.endsWith('-accepted'));
}

/** For how long a gate held the message, when the later of its two words about that is filed; else 0. */
function endedHoldMs(all: readonly Word[], { evidence, source }: Pick<Word, 'evidence' | 'source'>): number {
  if (evidence !== 'held' && !evidence.endsWith('-accepted')) return 0;
  const said = all.filter((word) => word.source === source);
  const [held, passed] = [said.find(isHold), said.find((word) => word.evidence.endsWith('-accepted'))];
  return held && passed ? Math.max(0, passed.atMs - held.atMs) : 0;
}

const isHold = ({ evidence }: Word) => evidence === 'held';

function toWord(row: SqlRow): Word {
  return {
    evidence: row.evidence as Evidence,
    source: String(row.source),
    atMs: Number(row.at_ms),
    code: String(row.code),
    reason: String(row.reason),
  };
}

function toRow(messageId: string, row: SqlRow): EvidenceRow {
  return {
    ...toWord(row),
    messageId,
    rules: JSON.parse(String(row.rules)) as EvidenceRow['rules'],
    raw: row.raw as Uint8Array,
  };
}
