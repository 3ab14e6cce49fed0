import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type Cosigned, type NoteKey, openCheckpoint, parseVkey } from '@entente/audit';
import { withoutQuote } from '@entente/runtime';
import { readSecretFile } from '@entente/seal';

/** A log to follow, and the places where it is read: what one shows, the others have to show as well. */
export interface FollowedLog {
  readonly nation: string;
  readonly origin: string;
  readonly key: NoteKey;
  /** `http://` or `https://` addresses, and absolute folders. */
  readonly views: readonly string[];
  /** A checkpoint that somebody has got by a way of trust: what is shown has to continue it. */
  readonly first?: Cosigned;
  /** Opens the records of the log's ledger to auditors, so that it is compared with the logs of other nations. */
  readonly token?: string;
}

const MOST_LOGS = 500;
const MOST_VIEWS = 10;

/**
 * Reads `[{"nation": "DE", "origin": "…", "vkey": "…", "views": ["http://…", "/folder"], "first": "<signed checkpoint>"}]`;
 * `first` may be left out, and so may `"auditor_token_file": "/file"`.
 * @throws Error that says which log is wrong, and how
 */
export async function readLogsFile(path: string): Promise<FollowedLog[]> {
  const value = parse(readFileSync(path, 'utf8'), path);
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_LOGS)
    throw new Error(`${path} is not a list of 1 to ${MOST_LOGS} logs`);
  const logs = await Promise.all(value.map((one, i) => readOne(one, `${path}: log ${i}`)));
  const origins = logs.map(({ origin }) => origin);
  if (new Set(origins).size < origins.length)
    throw new Error(`${path} names one origin twice: give it more views`);
  return logs;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${withoutQuote(error)}`);
  }
}

async function readOne(value: unknown, where: string): Promise<FollowedLog> {
  const {
    nation,
    origin,
    vkey,
    views,
    first,
    auditor_token_file: tokenFile,
  } = (value ?? {}) as Record<string, unknown>;
  if (typeof nation !== 'string' || !/^[A-Z]{2}$/.test(nation))
    throw new Error(`${where} has no nation like "DE"`);
  if (typeof origin !== 'string' || typeof vkey !== 'string')
    throw new Error(`${where} needs its origin and its vkey`);
  if (!Array.isArray(views) || views.length === 0 || views.length > MOST_VIEWS || !views.every(isView))
    throw new Error(
      `${where} needs 1 to ${MOST_VIEWS} views: addresses with http:// or https://, or absolute folders`,
    );
  const key = parseVkey(vkey);
  if (tokenFile !== undefined && (typeof tokenFile !== 'string' || !isAbsolute(tokenFile)))
    throw new Error(`${where}: auditor_token_file has to be an absolute path`);
  return {
    ...{ nation, origin, key, views },
    ...(first === undefined ? {} : { first: readFirst(first, key, origin) }),
    ...(tokenFile === undefined ? {} : { token: (await readSecretFile(tokenFile)).trim() }),
  };
}

/** @throws Error if the log has not signed it */
function readFirst(note: unknown, key: NoteKey, origin: string): Cosigned {
  const text = String(note);
  return { ...openCheckpoint(text, key, origin), note: text };
}

function isView(view: unknown): view is string {
  if (typeof view !== 'string' || view.length > 500) return false;
  return isAbsolute(view) || /^https?:\/\/[^\s?#]+$/.test(view);
}
