import { type Signoff, wire } from '@entente/contract';
import type { Log } from './append-batch.js';
import type { LogNotice } from './place-own.js';
import type { LegalHold } from './retention-files.js';
import type { Retained } from './signoff-files.js';

export interface Settings {
  readonly log: Pick<Log, 'store'>;
  /** RETENTION_DAYS and LOG_RETENTION_DAYS, as the ledger was started with. */
  readonly retention: Retained;
  /** Who may read entries over HTTP: `name <SHA-256 of the token>`, by name. */
  readonly auditors: readonly string[];
  readonly readHold: () => Promise<LegalHold>;
  /** Who wanted and approved that it is so many days. */
  readonly readRetentionSignoff: (retention: Retained) => Promise<Signoff | undefined>;
  /** Who wanted and approved that it is these auditors. */
  readonly readAuditorsSignoff: (auditors: readonly string[]) => Promise<Signoff | undefined>;
  readonly append: (notice: LogNotice) => Promise<unknown>;
}

/** So many cases, or auditors, are named by one entry. */
const MOST_NAMED = 256;

/**
 * What decides how long something is kept, and who may read it, is an entry when it changes: whoever runs the ledger cannot shorten the
 * time, lift a legal hold, or let somebody in, without the log saying so.
 */
export async function logSettings(settings: Settings): Promise<void> {
  const { log, retention, auditors, append } = settings;
  const said = log.store.own('setting').flatMap(({ record }) => readSetting(record));
  const change = changeOf(said, retention);
  if (change) await append(noticeOf({ ...change, ...(await settings.readRetentionSignoff(retention)) }));
  const { cases, signoff } = await settings.readHold();
  for (const one of changesOf('legal-hold', said, cases)) await append(noticeOf({ ...one, ...signoff }));
  for (const one of changesOf('auditors', said, new Set(auditors)))
    await append(noticeOf({ ...one, ...(await settings.readAuditorsSignoff(auditors)) }));
}

function noticeOf(administration: Partial<wire.AdministrationFrame>): LogNotice {
  return { event: 'setting', administration };
}

function readSetting(record: Uint8Array | null): wire.AdministrationFrame[] {
  const { administration } = record ? wire.record.decode(record) : { administration: null };
  return administration ? [administration] : [];
}

type Change = Partial<wire.AdministrationFrame>;

function changeOf(said: readonly wire.AdministrationFrame[], retention: Retained): Change | undefined {
  const last = said.filter(({ subject }) => subject === 'retention').at(-1);
  const { after: before = '', logAfter: logBefore = '' } = last ?? {};
  const [after, logAfter] = [String(retention.days), String(retention.logDays)];
  if (before === after && logBefore === logAfter) return undefined;
  return { subject: 'retention', before, after, logBefore, logAfter };
}

/** What came and went since the log said last what is in a list, in entries that fit. */
function changesOf(
  subject: 'legal-hold' | 'auditors',
  said: readonly wire.AdministrationFrame[],
  now: ReadonlySet<string>,
): Change[] {
  const before = namedBy(said.filter((one) => one.subject === subject));
  const added = [...now].filter((one) => !before.has(one)).sort();
  const removed = [...before].filter((one) => !now.has(one)).sort();
  const counts = { before: String(before.size), after: String(now.size) };
  const changes: Change[] = [];
  for (let at = 0; at < Math.max(added.length, removed.length); at += MOST_NAMED) {
    const some = { added: added.slice(at, at + MOST_NAMED), removed: removed.slice(at, at + MOST_NAMED) };
    changes.push({ subject, ...counts, ...some });
  }
  return changes;
}

function namedBy(said: readonly wire.AdministrationFrame[]): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { added, removed } of said) {
    for (const one of added) named.add(one);
    for (const one of removed) named.delete(one);
  }
  return named;
}
