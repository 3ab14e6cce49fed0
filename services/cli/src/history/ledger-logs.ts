import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One of the logs that lie in a ledger's data folder. */
export interface LedgerLog {
  readonly origin: string;
  readonly dir: string;
  /** Empty: it is the first. */
  readonly predecessor: string;
  /** Why the one before it ended: `time-over`, or `restored`. */
  readonly reason: string;
  /** As its ledger states it; null of the first, which others state. */
  readonly vkey: string | null;
  /** Where its last checkpoint and its counts stay; null while it is there itself. */
  readonly remains: string | null;
}

/**
 * All logs of a ledger in the order in which they followed one another, those that were deleted among them.
 * @param only the origin of its log, where it has had one only
 */
export function listLogs(dataDir: string, only: string): LedgerLog[] {
  const later = laterLogs(dataDir);
  const followed = later.map(({ predecessor }) => predecessor);
  const first = followed.find((origin) => !later.some((log) => log.origin === origin)) ?? only;
  const root = { origin: first, predecessor: '', reason: '', vkey: null };
  const all = [withPlace(dataDir, root, dataDir), ...later];
  const chain: LedgerLog[] = [];
  for (let next = all[0]; next && !chain.includes(next); ) {
    chain.push(next);
    const { origin } = next;
    next = all.find(({ predecessor }) => predecessor === origin);
  }
  return chain;
}

function laterLogs(dataDir: string): LedgerLog[] {
  const [origins, ended] = [join(dataDir, 'origins'), join(dataDir, 'ended')];
  const names = new Set([origins, ended].flatMap((dir) => (existsSync(dir) ? readdirSync(dir) : [])));
  return [...names].flatMap((name) => {
    const path = [origins, ended]
      .map((dir) => join(dir, name, 'origin.json'))
      .find((file) => existsSync(file));
    if (!path) return [];
    const about = JSON.parse(readFileSync(path, 'utf8')) as Omit<LedgerLog, 'dir' | 'remains'>;
    return [withPlace(dataDir, about, join(origins, name))];
  });
}

function withPlace(dataDir: string, about: Omit<LedgerLog, 'dir' | 'remains'>, dir: string): LedgerLog {
  const { origin, predecessor, reason, vkey } = about;
  const remains = join(dataDir, 'ended', origin.replaceAll('/', '_'));
  const isDeleted = existsSync(join(remains, 'counts.json')) && !existsSync(join(dir, 'ledger.sqlite'));
  return { origin, predecessor, reason, vkey, dir, remains: isDeleted ? remains : null };
}

/** What others last read of a log: its signed checkpoint; empty where there is none. */
export function lastCheckpoint({ dir, remains }: LedgerLog): string {
  const path = join(remains ?? join(dir, 'log'), 'checkpoint');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
