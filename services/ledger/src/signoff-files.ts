import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_SIGNOFF, readSignoff, type Signoff } from '@entente/contract';

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
  isAbout: (value: Record<string, unknown>) => boolean | string,
): Promise<Signoff | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const value = (readJson(text) ?? {}) as Record<string, unknown>;
  const signoff = readSignoff(value);
  if (!signoff) throw new Error(`${path}: ${NO_SIGNOFF}`);
  const answer = isAbout(value);
  if (typeof answer === 'string') throw new Error(`${path}: ${answer}`);
  return answer ? signoff : undefined;
}

export const MOST_BYTES = 64 * 1024;

/** @returns undefined if it is not JSON, or too long */
export function readJson(text: string): unknown {
  try {
    return text.length > MOST_BYTES ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
