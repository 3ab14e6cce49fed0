import { wire } from '@entente/contract';
import { oneOf, type Reader, type Report, wordOf } from './own-key.js';

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
export function checkAdopted(database: Reader, report: Report): void {
  const adopted = new Map<string, string>();
  const versions = new Map<string, number>();
  const rows = database
    .prepare("SELECT idx, record FROM entry WHERE stage IN ('adopt-pack', 'adopt-directory') ORDER BY idx")
    .all();
  for (const { idx, record: bytes } of rows) {
    const record = bytes === null ? undefined : wordOf(() => wire.record.decode(bytes as Uint8Array));
    if (!record?.adoption) continue;
    adopted.set(record.event, `${Buffer.from(record.adoption.sha256).toString('hex')} ${idx}`);
    for (const { part, version } of record.adoption.versions) versions.set(part, version);
  }
  for (const [kind, said] of adopted) {
    const sql = database.prepare('SELECT sha256, idx FROM adopted WHERE kind = ?');
    const { sha256, idx } = sql.get(kind) ?? {};
    if (`${Buffer.from((sha256 ?? []) as Uint8Array).toString('hex')} ${idx}` !== said)
      report('database-differs', `it keeps another ${kind} as the last than its entries say`);
  }
  for (const [part, version] of versions) {
    const kept = database.prepare('SELECT version FROM part_version WHERE part = ?').get(part)?.version;
    if (Number(kept ?? Number.NaN) !== version)
      report('database-differs', `it keeps another version of ${part.slice(0, 100)} than was adopted`);
  }
  for (const [table, rest] of [
    ['adopted', adopted.size],
    ['part_version', versions.size],
  ] as const)
    if (oneOf(database, `SELECT count(*) AS one FROM ${table}`) !== rest)
      report('database-differs', `${table} has another number of rows than its entries say`);
}
