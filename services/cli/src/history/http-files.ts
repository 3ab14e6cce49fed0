import { setTimeout as delay } from 'node:timers/promises';
import { askWithin, type LogFiles } from '@entente/audit';
import { readSecretFile } from '@entente/seal';
import { UsageError } from '../usage.js';

/** A log that is read over HTTP. */
export interface Remote {
  /** `https://…`, or `http://` on this machine. */
  readonly base: string;
  /** File of the auditors' token. */
  readonly tokenFile?: string;
}

/** Nobody answers there as a log does: that says nothing of the log. */
export class Unreachable extends Error {}

export interface Patience {
  /** For one file, from the question to its last byte. */
  readonly timeoutMs: number;
  /** Waits before each further try. */
  readonly retryAfterMs: readonly number[];
}

/** A ledger that restarts is back by then. */
const PATIENCE: Patience = { timeoutMs: 30_000, retryAfterMs: [200, 1000, 4000] };

/** Whether this names a log by its address, and not by a folder. */
export function isAddress(log: string): boolean {
  return /^https?:\/\//i.test(log);
}

/**
 * The files of a log over HTTP. Whoever answers controls every byte, how many there are, how long they take, and what the status
 * says: a file has a size and a time beyond which nothing is read, no redirect is followed, and nothing is asked for that the
 * verification did not name.
 * @throws UsageError for an address that is none; what `read` throws is Unreachable, or UsageError where the token is not taken
 */
export function httpFiles(remote: Remote, { timeoutMs, retryAfterMs }: Patience = PATIENCE): LogFiles {
  const base = checkAddress(remote.base);
  let token: Promise<string> | undefined;
  const headers = async (): Promise<Record<string, string>> => {
    token ??= remote.tokenFile ? readToken(remote.tokenFile) : Promise.resolve('');
    const shown = await token;
    return { 'accept-encoding': 'identity', ...(shown ? { authorization: `Bearer ${shown}` } : {}) };
  };
  return {
    read: async (path, maxBytes) => {
      for (let tries = 0; ; tries++) {
        const bounds = { withinMs: timeoutMs, maxBytes };
        const answer = await ask(`${base}/${path}`, await headers(), bounds);
        if (!(answer instanceof Unreachable)) return answer;
        const waitMs = retryAfterMs[tries];
        if (waitMs === undefined) throw answer;
        await delay(waitMs);
      }
    },
    partialWidths: async () => [],
    filesBelow: () => [],
  };
}

/** A token goes along with each request, so only to https, or to this machine. @throws UsageError */
export function checkAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  // What may be a secret in it is not said again.
  if (url?.username || url?.password)
    throw new UsageError(
      `The address of ${url.host} has a user or a password in it: leave them away, and name the file of a token.`,
    );
  if (!url || !(url.protocol === 'https:' || plain) || url.search || url.hash)
    throw new UsageError(
      `${text.slice(0, 200)} is not an https:// address (http:// only on this machine) without ? and #.`,
    );
  return url.href.replace(/\/+$/, '');
}

/** @throws UsageError; Error where others can read the file */
export async function readToken(path: string): Promise<string> {
  const token = (await readSecretFile(path)).trim();
  if (!/^[\x21-\x7e]{1,500}$/.test(token)) throw new UsageError(`${path} does not hold a token.`);
  return token;
}

type Answer = Buffer | 'missing' | 'malformed' | Unreachable;

async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  bounds: { readonly withinMs: number; readonly maxBytes: number },
): Promise<Answer> {
  try {
    const { status, body } = await askWithin(url, { headers }, { ...bounds, onlyOf: 200 });
    if (status === 200) return body ?? 'malformed';
    if (status === 404) return 'missing';
    if (status === 401 || status === 403)
      throw new UsageError(`${url} is for auditors: name the file of their token with --token-file.`);
    return new Unreachable(`${url} answers ${status}`);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    return new Unreachable(`${url} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** The innermost one: around it stands only that nothing was read. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? reasonOf(cause) : message;
}
