import { setImmediate } from 'node:timers/promises';
import { wire } from '@entente/contract';
import { headerIn, unlessUnreadable } from './header-in.js';
import { keyOf, type OwnKey, oneOf, type Reader, type Report } from './own-key.js';

/** Kinds of entries that are counted apart; a seal that was refused may name what it likes. */
const MOST_KINDS = 10_000;

/** Of what is erased only the event is known: then there may be more in the table than can be counted, and never less. */
export function checkTally(database: Reader, report: Report) {
  const events = new Map<string, number>();
  const kinds = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string) => {
    if (counts.has(key) || counts.size < MOST_KINDS) counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  return {
    take: (
      leaf: wire.LeafFrame | undefined,
      record: wire.RecordFrame | null | undefined,
      header: wire.HeaderFrame | undefined,
    ): void => {
      const event = leaf?.event ?? '';
      add(events, event);
      if (record)
        add(kinds, JSON.stringify([event, record.verdict?.decision ?? '', header?.facts?.category ?? '']));
    },
    finish: (): void => {
      const rows = database.prepare('SELECT event, decision, category, entries FROM tally').all();
      const kept = new Map<string, number>();
      for (const { event, decision, category, entries } of rows) {
        kept.set(JSON.stringify([event, decision, category]), Number(entries));
        events.set(String(event), (events.get(String(event)) ?? 0) - Number(entries));
      }
      const wrong = [...events].filter(([, rest]) => rest !== 0).map(([event]) => event);
      const lacking = [...kinds].filter(([key, count]) => (kept.get(key) ?? 0) < count).map(([key]) => key);
      for (const what of new Set([...wrong, ...lacking]))
        report('database-differs', `its counts are not those of its entries: ${what.slice(0, 100)}`);
    },
  };
}

/** What was adopted last, and the newest version of each part: the entries that say so are never erased. */
export function checkAdopted(database: Reader, report: Report) {
  const adopted = new Map<string, string>();
  const versions = new Map<string, number>();
  return {
    take: (index: number, { event, adoption }: wire.RecordFrame): void => {
      if (!adoption) return;
      adopted.set(event, `${Buffer.from(adoption.sha256).toString('hex')} ${index}`);
      for (const { part, version } of adoption.versions) versions.set(part, version);
    },
    finish: (): void => {
      const keptOf = database.prepare('SELECT sha256, idx FROM adopted WHERE kind = ?');
      for (const [kind, said] of adopted) {
        const { sha256, idx } = keptOf.get(kind) ?? {};
        if (`${Buffer.from((sha256 ?? []) as Uint8Array).toString('hex')} ${idx}` !== said)
          report('database-differs', `it keeps another ${kind} as the last than its entries say`);
      }
      const versionOf = database.prepare('SELECT version FROM part_version WHERE part = ?');
      for (const [part, version] of versions) {
        const kept = versionOf.get(part)?.version;
        if (Number(kept ?? Number.NaN) !== version)
          report('database-differs', `it keeps another version of ${part.slice(0, 100)} than was adopted`);
      }
      for (const [table, rest] of [
        ['adopted', adopted.size],
        ['part_version', versions.size],
      ] as const)
        if (oneOf(database, `SELECT count(*) AS one FROM ${table}`) !== rest)
          report('database-differs', `${table} has another number of rows than its entries say`);
    },
  };
}

/** Each word about a message is that of the entry which it is kept of; with what is erased its word goes. */
export function checkApprovals(database: Reader, report: Report): void {
  const find = database.prepare('SELECT record FROM entry WHERE idx = ?');
  const kept = database.prepare('SELECT message_hash, sender, role, idx FROM approval').all();
  for (const { message_hash: about, sender, role, idx } of kept) {
    const said = keyIn(idx, find.get(idx ?? null)?.record)?.approves;
    const isSaid = said && said.sender === sender && said.role === role && isSame(about, said.messageHash);
    if (isSaid) continue;
    const which = String(idx).slice(0, 20);
    report('database-differs', `a word about a message is kept of entry ${which}, which does not say it`);
  }
}

/** Whoever asks for the next ones has SQLite count off all before them. */
const CLAIMS_AT_ONCE = 65_536;
/** Each of more could have all entries without a message looked at. */
const MOST_LOOSE = 20;

/**
 * Each id that is taken was taken by a message: an entry of it claims one, or is erased or cannot be read. Whether that is the very id is
 * asked where the entry is read; of a message that has another besides there are two.
 */
export async function checkClaims(database: Reader, report: Report): Promise<void> {
  if (oneOf(database, 'SELECT count(*) - count(DISTINCT message_hash) AS one FROM claim') > 0)
    report('database-differs', 'a message is kept as having two ids');
  const page = database.prepare(
    `SELECT message_hash FROM claim ORDER BY sender, id LIMIT ${CLAIMS_AT_ONCE} OFFSET ?`,
  );
  const find = database.prepare('SELECT idx, record FROM entry WHERE message_hash = ?');
  let loose = 0;
  for (let at = 0; ; at += CLAIMS_AT_ONCE) {
    const rows = page.all(at);
    for (const [i, { message_hash: hash }] of rows.entries()) {
      if (i % 256 === 0) await setImmediate();
      const entries = find.all(hash ?? null);
      if (entries.some(({ idx, record }) => keyIn(idx, record)?.claims !== null)) continue;
      const what = entries.length === 0 ? 'a message that the log does not hold' : 'what is no message';
      report('database-differs', `an id is kept as taken by ${what}`);
      loose += 1;
      if (loose === MOST_LOOSE) return;
    }
    if (rows.length < CLAIMS_AT_ONCE) return;
  }
}

/** Undefined: there is no such entry, it is erased, or it cannot be read. */
function keyIn(idx: unknown, bytes: unknown): OwnKey | undefined {
  const record = bytes instanceof Uint8Array ? unlessUnreadable(() => wire.record.decode(bytes)) : undefined;
  return record && keyOf(Number(idx), record, headerIn(record));
}

function isSame(kept: unknown, hash: Uint8Array): boolean {
  return kept instanceof Uint8Array && Buffer.compare(kept, hash) === 0;
}
