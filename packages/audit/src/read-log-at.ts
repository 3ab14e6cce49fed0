import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadLogPath } from './advance.js';
import { AuditError } from './error.js';

const TIMEOUT_MS = 5000;
/** A bundle of records may have 17 MB. */
const AUDITOR_TIMEOUT_MS = 15_000;

/**
 * Reads files where a log is shown: over HTTP, or in a folder. Whoever shows it controls every byte, and how many.
 * Nobody answering says nothing of the log: that is an AuditError `unreachable`.
 *
 * @param view `http://` or `https://`, else a folder
 * @param token of auditors; opens entries and records
 */
export function readLogAt(view: string, token?: string): ReadLogPath {
  return /^https?:/.test(view) ? overHttp(view.replace(/\/$/, ''), token) : fromFolder(view);
}

function overHttp(base: string, token: string | undefined): ReadLogPath {
  return async (path, maxBytes) => {
    const signal = AbortSignal.timeout(token === undefined ? TIMEOUT_MS : AUDITOR_TIMEOUT_MS);
    const response = await fetch(`${base}/${path}`, {
      redirect: 'error',
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
      signal,
    }).catch((cause: unknown) => {
      throw new AuditError('unreachable', `${base} does not answer.`, cause);
    });
    if (response.status === 404) return await drop(response);
    if (!response.ok || !response.body) {
      await drop(response);
      throw new AuditError('unreachable', `${base} answers ${response.status}.`);
    }
    return await readUpTo(response, maxBytes, base, signal);
  };
}

/**
 * Reads an answer's body, but no more than is asked for, and no longer.
 *
 * INVARIANT: whoever answers byte by byte ends with its time. That the signal was given to `fetch` is not enough: once the head of the
 * answer has come, nothing else holds it, and collected as garbage it ends nothing (Node 20).
 *
 * @param signal that of the question
 *
 * @returns undefined where there is more
 * @throws AuditError `unreachable` if it breaks off, or its time is over
 */
export async function readUpTo(
  { body }: Response,
  maxBytes: number,
  from: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const reader = body?.getReader();
  const stop = () => void reader?.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop);
  try {
    const parts: Uint8Array[] = [];
    for (let size = 0; ; ) {
      const part = await reader?.read();
      signal.throwIfAborted();
      if (!part || part.done) return Buffer.concat(parts);
      size += part.value.length;
      if (size > maxBytes) return undefined;
      parts.push(part.value);
    }
  } catch (cause) {
    throw new AuditError('unreachable', `${from} broke off.`, cause);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

async function drop(response: Response): Promise<undefined> {
  await response.body?.cancel().catch(() => undefined);
  return undefined;
}

function fromFolder(dir: string): ReadLogPath {
  return async (path, maxBytes) => {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(join(dir, path), flags).catch(() => undefined);
    if (!file) return undefined;
    try {
      const stat = await file.stat();
      return stat.isFile() && stat.size <= maxBytes ? await file.readFile() : undefined;
    } finally {
      await file.close();
    }
  };
}
