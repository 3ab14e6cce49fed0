import type { ReadLogPath } from './advance.js';
import { askWithin } from './ask-within.js';
import { AuditError } from './error.js';
import { readLogFile } from './log-folder.js';

const TIMEOUT_MS = 5000;
/** A bundle of records may have 17 MB. */
const AUDITOR_TIMEOUT_MS = 15_000;

/**
 * Reads files where a log is shown: over HTTP, or in a folder. Whoever shows it controls every byte, and how many.
 * Nobody answering, and a folder that cannot be read here, say nothing of the log: that is an AuditError `unreachable`.
 *
 * @param view `http://` or `https://`, else a folder
 * @param token of auditors; opens entries and records
 */
export function readLogAt(view: string, token?: string): ReadLogPath {
  return /^https?:/.test(view) ? overHttp(view.replace(/\/$/, ''), token) : fromFolder(view);
}

function overHttp(base: string, token: string | undefined): ReadLogPath {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const withinMs = token === undefined ? TIMEOUT_MS : AUDITOR_TIMEOUT_MS;
  return async (path, maxBytes) => {
    const bounds = { withinMs, maxBytes, onlyOf: 200, from: base };
    const { status, body } = await askWithin(`${base}/${path}`, { headers }, bounds);
    if (status !== 200 && status !== 404) throw new AuditError('unreachable', `${base} answers ${status}.`);
    return body;
  };
}

function fromFolder(dir: string): ReadLogPath {
  return async (path, maxBytes) => {
    const file = await readLogFile(dir, path, maxBytes).catch((cause: unknown) => {
      throw new AuditError('unreachable', `${dir} cannot be read.`, cause);
    });
    return typeof file === 'string' ? undefined : file;
  };
}
