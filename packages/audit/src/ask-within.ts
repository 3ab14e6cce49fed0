import { AuditError } from './error.js';

export interface AskBounds {
  /** From the question to the last byte of its answer. */
  readonly withinMs: number;
  /** Of the answer's body, as it is once it is not compressed any more. */
  readonly maxBytes: number;
  /** The status whose body is read; of any other answer nothing is. Without it every body is. */
  readonly onlyOf?: number;
  /** Who is asked, as an error says it; the address unless it is given. */
  readonly from?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Whether the status is one of 200 to 299. */
  readonly ok: boolean;
  readonly headers: Headers;
  /** Undefined where there is more than `maxBytes`, or where it was not to be read. */
  readonly body: Buffer | undefined;
}

/**
 * Asks over HTTP and reads the answer. Whoever answers controls every byte, how many there are and how slowly they come: neither lasts
 * longer, nor takes more memory, than is said here.
 *
 * INVARIANT: the signal of the time is made, used and held here alone. That `fetch` was given it is not enough: where redirects are
 * refused and the head of the answer has come, nothing else holds it, and collected as garbage it ends nothing (Node 20).
 *
 * @throws AuditError `unreachable` if nobody answers, the answer breaks off, or its time is over; `cause` says why
 */
export async function askWithin(
  url: string,
  init: Omit<RequestInit, 'signal'>,
  { withinMs, maxBytes, onlyOf, from = url }: AskBounds,
): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(withinMs);
  const response = await fetch(url, { ...init, signal }).catch((cause: unknown) => {
    throw new AuditError('unreachable', `${from} does not answer.`, cause);
  });
  const { status, ok, headers } = response;
  const isWanted = onlyOf === undefined || status === onlyOf;
  const body = isWanted ? await readUpTo(response, maxBytes, from, signal) : await drop(response);
  return { status, ok, headers, body };
}

async function readUpTo(
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

async function drop({ body }: Response): Promise<undefined> {
  await body?.cancel().catch(() => undefined);
}
