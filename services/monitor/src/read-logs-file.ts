import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type NoteKey, parseVkey } from '@entente/audit';

/** A log to follow, and the places where it is read: what one shows, the others have to show as well. */
export interface FollowedLog {
  readonly nation: string;
  readonly origin: string;
  readonly key: NoteKey;
  /** `http://` or `https://` addresses, and absolute folders. */
  readonly views: readonly string[];
}

const MOST_LOGS = 500;
const MOST_VIEWS = 10;

/**
 * Reads `[{"nation": "DE", "origin": "…", "vkey": "…", "views": ["http://…", "/folder"]}]`.
 * @throws Error that says which log is wrong, and how
 */
export function readLogsFile(path: string): FollowedLog[] {
  const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_LOGS)
    throw new Error(`${path} is not a list of 1 to ${MOST_LOGS} logs`);
  const logs = value.map((one, i) => readOne(one, `${path}: log ${i}`));
  const origins = logs.map(({ origin }) => origin);
  if (new Set(origins).size < origins.length)
    throw new Error(`${path} names one origin twice: give it more views`);
  return logs;
}

function readOne(value: unknown, where: string): FollowedLog {
  const { nation, origin, vkey, views } = (value ?? {}) as Record<string, unknown>;
  if (typeof nation !== 'string' || !/^[A-Z]{2}$/.test(nation))
    throw new Error(`${where} has no nation like "DE"`);
  if (typeof origin !== 'string' || typeof vkey !== 'string')
    throw new Error(`${where} needs its origin and its vkey`);
  if (!Array.isArray(views) || views.length === 0 || views.length > MOST_VIEWS || !views.every(isView))
    throw new Error(
      `${where} needs 1 to ${MOST_VIEWS} views: addresses with http:// or https://, or absolute folders`,
    );
  return { nation, origin, key: parseVkey(vkey), views };
}

function isView(view: unknown): view is string {
  if (typeof view !== 'string' || view.length > 500) return false;
  return isAbsolute(view) || /^https?:\/\/[^\s?#]+$/.test(view);
}
