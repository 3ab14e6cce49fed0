import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from 'node:http';
import { request as requestOverTls, Agent as TlsAgent } from 'node:https';
import { AuditError } from './error.js';

export interface HttpQuestion {
  /** `GET` unless it is given. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface AskBounds {
  /** From the question to the last byte of its answer. */
  readonly withinMs: number;
  /** Of the answer's body, which nobody may compress on the way. */
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
  /** By their names in small letters. */
  readonly headers: IncomingHttpHeaders;
  /** Undefined where there is more than `maxBytes`, or where it was not to be read. */
  readonly body: Buffer | undefined;
}

/**
 * Asks over HTTP and reads the answer. Whoever answers controls every byte, how many there are and how slowly they come: neither lasts
 * longer, nor takes more memory, than is said here. Nobody is followed elsewhere: a redirect is no answer.
 *
 * By node's own client: `fetch` takes more processor time, which is much for a service that asks for small files every two seconds.
 *
 * @param url `http://` or `https://`, without a user's name
 * @throws AuditError `unreachable` if nobody answers, the answer breaks off, or its time is over; `cause` says why
 */
export async function askWithin(
  url: string,
  question: HttpQuestion,
  { withinMs, maxBytes, onlyOf, from = url }: AskBounds,
): Promise<HttpAnswer> {
  return await new Promise((resolve, reject) => {
    let asked: ClientRequest | undefined;
    let fault = 'does not answer';
    let [isAnswered, isOver] = [false, false];
    /** Whoever would send on is left: only the connection of a whole answer serves again. */
    const end = (settle: () => void, isWhole = false) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      settle();
      if (!isWhole) asked?.destroy();
    };
    const fail = (cause: unknown) =>
      end(() => reject(new AuditError('unreachable', `${from} ${fault}.`, cause)));
    const timer = setTimeout(() => fail(new DOMException('Its time is over.', 'TimeoutError')), withinMs);
    const closed = () => fail(new Error('the connection was closed'));
    const read = (response: IncomingMessage) => {
      isAnswered = true;
      asked?.off('close', closed);
      const { statusCode: status = 0, headers } = response;
      const answer = { status, ok: status >= 200 && status < 300, headers };
      if (REDIRECTS.includes(status)) return fail(new Error(`HTTP ${status} sends elsewhere`));
      fault = 'broke off';
      if (onlyOf !== undefined && status !== onlyOf)
        return end(() => resolve({ ...answer, body: undefined }));
      response.on('error', fail);
      const isPlain = ['', 'identity'].includes(headers['content-encoding']?.toLowerCase() ?? '');
      response.once('data', () => isPlain || fail(new Error('it is encoded as nobody has asked for')));
      readUpTo(response, maxBytes, (body) =>
        // It may be whole before the question was sent.
        end(() => resolve({ ...answer, body }), body !== undefined && asked?.writableFinished === true),
      );
    };
    const start = (isFresh: boolean) => {
      const mine = send(url, question, isFresh);
      asked = mine;
      mine.on('response', read).on('close', closed);
      mine.on('error', (cause) => {
        // The other end may have closed a kept connection while it was asked on: what only reads is asked once more, on one of its own.
        if (isOver || isFresh || isAnswered || !mine.reusedSocket) return fail(cause);
        mine.off('close', closed);
        start(true);
      });
    };
    try {
      start(question.method !== undefined && question.method !== 'GET');
    } catch (cause) {
      fail(cause);
    }
  });
}

const REDIRECTS = [301, 302, 303, 307, 308];
/** Node's servers close a connection on which nothing was asked for five seconds: a question must not meet that. */
const KEPT = { keepAlive: true, timeout: 4000 };
const [plain, overTls] = [new Agent(KEPT), new TlsAgent(KEPT)];

/**
 * @param isFresh on a connection of its own: what changes something goes once, whatever becomes of it
 * @throws TypeError for what is no such address, or no header
 */
function send(
  address: string,
  { method = 'GET', headers, body }: HttpQuestion,
  isFresh: boolean,
): ClientRequest {
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') throw new TypeError('an address names no user');
  // Node does not say by itself how long the body of a DELETE is.
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const options = {
    method,
    headers: { accept: '*/*', 'accept-encoding': 'identity', ...length, ...headers },
  };
  const asked =
    url.protocol === 'https:'
      ? requestOverTls(url, { ...options, agent: !isFresh && overTls })
      : request(url, { ...options, agent: !isFresh && plain });
  return asked.end(body);
}

/** @param done is called once there is more than that, or all; what comes after the first call is nobody's */
function readUpTo(
  response: IncomingMessage,
  maxBytes: number,
  done: (body: Buffer | undefined) => void,
): void {
  const parts: Buffer[] = [];
  let size = 0;
  response.on('data', (part: Buffer) => {
    size += part.length;
    if (size > maxBytes) {
      parts.length = 0;
      done(undefined);
      response.destroy();
      return;
    }
    parts.push(part);
    // Of parts of one byte each would take a hundred.
    if (parts.length >= 1024 && size < 64 * parts.length) parts.splice(0, parts.length, Buffer.concat(parts));
  });
  response.on('end', () => done(Buffer.concat(parts)));
}
