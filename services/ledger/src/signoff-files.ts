import { join } from 'node:path';
import { NO_SIGNOFF, readSignoff, type Signoff } from '@entente/contract';
import { type OperatorFile, readOperatorFile } from '@entente/runtime';

/** RETENTION_DAYS and LOG_RETENTION_DAYS of a ledger. */
export interface Retained {
  readonly days: number;
  readonly logDays: number;
}

/**
 * Who wanted and who approved how long this ledger keeps things now, from `retention.json`:
 * `{"days": 1095, "log_days": 3650, "proposed_by": "…", "approved_by": ["…"]}`.
 * @returns undefined if there is none, or it is about other days
 * @throws Error if the file is there and cannot be read
 */
export async function readRetentionSignoff(dir: string, now: Retained): Promise<Signoff | undefined> {
  return await readAbout(join(dir, 'retention.json'), ({ days, log_days: logDays }) => {
    if (!Number.isSafeInteger(days) || !Number.isSafeInteger(logDays)) return 'it names no days and log_days';
    return days === now.days && logDays === now.logDays;
  });
}

/**
 * Who wanted and who approved that these are the auditors, from `auditors.json`:
 * `{"auditors": ["court <SHA-256 of its token>", …], "proposed_by": "…", "approved_by": ["…"]}`.
 * @param now by name
 * @returns undefined if there is none, or it is about others
 * @throws Error if the file is there and cannot be read
 */
export async function readAuditorsSignoff(dir: string, now: readonly string[]): Promise<Signoff | undefined> {
  return await readAbout(join(dir, 'auditors.json'), ({ auditors }) => {
    if (!Array.isArray(auditors)) return 'it has no list of auditors';
    return JSON.stringify([...auditors].sort()) === JSON.stringify(now);
  });
}

/** @param isAbout whether it is about what is now; in words, what is wrong with it */
async function readAbout(
  path: string,
  isAbout: (value: OperatorFile['value']) => boolean | string,
): Promise<Signoff | undefined> {
  const file = readOperatorFile(path);
  if (file === undefined) return undefined;
  if (typeof file === 'string') throw new Error(`${path}: ${file}`);
  const signoff = readSignoff(file.value);
  if (!signoff) throw new Error(`${path}: ${NO_SIGNOFF}`);
  const answer = isAbout(file.value);
  if (typeof answer === 'string') throw new Error(`${path}: ${answer}`);
  return answer ? signoff : undefined;
}
