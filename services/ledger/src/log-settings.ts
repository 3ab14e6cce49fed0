import { type Signoff, wire } from '@entente/contract';
import type { Log, LogNotice } from './append-batch.js';
import type { LegalHold } from './retention-files.js';

export interface Settings {
  readonly log: Pick<Log, 'store'>;
  /** RETENTION_DAYS, as the ledger was started with. */
  readonly days: number;
  readonly readHold: () => Promise<LegalHold>;
  /** Who wanted and approved that it is so many days. */
  readonly readSignoff: (days: number) => Promise<Signoff | undefined>;
  readonly append: (notice: LogNotice) => Promise<unknown>;
}

/** So many cases are named by one entry. */
const MOST_CASES = 256;

/**
 * What decides how long something is kept is an entry when it changes: whoever runs the ledger cannot shorten the time, or lift a legal hold,
 * without the log saying so.
 */
export async function logSettings({ log, days, readHold, readSignoff, append }: Settings): Promise<void> {
  const said = log.store.own('setting').flatMap(({ record }) => readSetting(record));
  const before = said.filter(({ subject }) => subject === 'retention').at(-1)?.after ?? '';
  if (before !== String(days))
    await append({
      event: 'setting',
      administration: { subject: 'retention', before, after: String(days), ...(await readSignoff(days)) },
    });
  const { cases, signoff } = await readHold();
  const held = heldBy(said);
  const added = [...cases].filter((one) => !held.has(one)).sort();
  const removed = [...held].filter((one) => !cases.has(one)).sort();
  for (let at = 0; at < Math.max(added.length, removed.length); at += MOST_CASES) {
    const change = {
      added: added.slice(at, at + MOST_CASES),
      removed: removed.slice(at, at + MOST_CASES),
    };
    const counts = { before: String(held.size), after: String(cases.size) };
    await append({
      event: 'setting',
      administration: { subject: 'legal-hold', ...counts, ...change, ...signoff },
    });
  }
}

function readSetting(record: Uint8Array | null): wire.AdministrationFrame[] {
  const { administration } = record ? wire.record.decode(record) : { administration: null };
  return administration ? [administration] : [];
}

function heldBy(said: readonly wire.AdministrationFrame[]): ReadonlySet<string> {
  const held = new Set<string>();
  for (const { added, removed } of said) {
    for (const one of added) held.add(one);
    for (const one of removed) held.delete(one);
  }
  return held;
}
