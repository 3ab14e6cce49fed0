import { type LogSource, originOf } from './log-source.js';
import { type OnProgress, readLog } from './read-log.js';

/** How long a ledger keeps records, and logs that have ended. */
export interface Retained {
  /** RETENTION_DAYS of the ledger, and LOG_RETENTION_DAYS. */
  readonly days: number;
  readonly logDays: number;
}

/** As an entry says it, which may say nothing of whole logs. */
type SaidRetained = Pick<Retained, 'days'> & { readonly logDays: number | undefined };

export interface LogSettings {
  readonly origin: string;
  /** Null: this log does not say. */
  readonly retained: SaidRetained | null;
  /** Cases under legal hold, as far as this log says. */
  readonly held: ReadonlySet<string>;
}

/**
 * What the ledger of some logs of one nation runs with, by the entries of the log that says it last: each log says all of it anew. What is wrong
 * with that log whoever reads on says.
 */
export async function readLogSettings(
  sources: readonly LogSource[],
  onProgress?: OnProgress,
): Promise<LogSettings | undefined> {
  const written = sources[0]?.logs?.at(-1)?.origin;
  const newest = sources.find((source) => originOf(source) === written);
  const said = newest && (await readSettings(newest, onProgress));
  // One that has just been opened does not say it yet, and of logs that are not in the folder of their ledger it is not known which is the newest.
  if (said?.retained) return said;
  let last: typeof said;
  for (const source of sources.filter((one) => one !== newest)) {
    const found = await readSettings(source, onProgress);
    if (!last || found.atMs > last.atMs) last = found;
  }
  return last ?? said;
}

async function readSettings(source: LogSource, onProgress?: OnProgress) {
  let [atMs, retained] = [0, null as SaidRetained | null];
  const held = new Set<string>();
  await readLog(
    source,
    ({ leaf, record }) => {
      const said = leaf.event === 'setting' ? record?.administration : null;
      if (!said) return;
      atMs = leaf.timeMs;
      if (said.subject === 'retention')
        retained = {
          days: Number(said.after),
          logDays: said.logAfter === '' ? undefined : Number(said.logAfter),
        };
      if (said.subject !== 'legal-hold') return;
      for (const one of said.added) held.add(one);
      for (const one of said.removed) held.delete(one);
    },
    { onProgress },
  );
  return { origin: originOf(source), atMs, retained, held };
}
