import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerAsWitness, MAX_REQUEST_BYTES, type Witness } from '@entente/audit';
import { type Logger, readBody, serveHttp } from '@entente/runtime';
import type { MonitorStore } from './store.js';

export interface PublicOptions {
  /** On 127.0.0.1; others come through a proxy with TLS. 0 lets the system choose. */
  readonly port: number;
  readonly store: MonitorStore;
  /** Undefined: this monitor is no witness. */
  readonly witness: Witness | undefined;
  readonly logger: Logger;
}

/**
 * What a monitor shows to everybody: `POST /add-checkpoint` (C2SP tlog-witness), and of each log that it has cosignatures or time stamps
 * of, `GET /<origin, percent-encoded>/checkpoint` (a C2SP signed note) and `GET /<origin>/stamped/<size>`: the first stamped checkpoint of
 * so many entries or more, as JSON. Of each log that it has seen or cosigned, `GET /<origin>/largest`: the largest checkpoint of it that it
 * knows, by which a ledger that was set back learns of that. Whoever asks controls every byte, and how slowly it comes.
 */
export function servePublic({ port, store, witness, logger }: PublicOptions) {
  return serveHttp({
    port,
    answer: (request, response) => answer(store, witness, request, response),
    onFault: (error) => logger.error({ err: error }, 'a request could not be answered'),
  });
}

async function answer(
  store: MonitorStore,
  witness: Witness | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '';
  if (path === '/add-checkpoint') return await cosign(witness, request, response);
  const [, encoded = '', what, size = ''] =
    /^\/([A-Za-z0-9._~%-]{1,600})\/(checkpoint|largest|stamped\/(0|[1-9][0-9]{0,14}))$/.exec(path) ?? [];
  const origin = decode(encoded);
  if (origin === undefined || what === undefined) return say(response, 404, 'no such page');
  if (request.method !== 'GET') return say(response, 405, 'only GET');
  if (what === 'checkpoint') {
    const note = store.attested(origin)?.note;
    return note ? say(response, 200, note) : say(response, 404, 'no cosigned checkpoint of this log');
  }
  if (what === 'largest') {
    const note = largestOf(store, origin);
    return note ? say(response, 200, note) : say(response, 404, 'no checkpoint of this log was seen');
  }
  const stamped = store.firstStamped(origin, Number(size));
  if (!stamped) return say(response, 404, 'no time stamp covers so many entries yet');
  const { note, stamp } = stamped;
  const body = JSON.stringify({ note, stamps: [Buffer.from(stamp).toString('base64')] });
  return say(response, 200, body, 'application/json');
}

/** Each was signed by the log when it was taken; what a monitor has cosigned it may have seen nowhere itself. */
function largestOf(store: MonitorStore, origin: string): string | undefined {
  const known = [store.seenOf(origin)[0], store.witness.last(origin), store.attested(origin)];
  return known.flatMap((one) => one ?? []).sort((a, b) => b.size - a.size)[0]?.note;
}

async function cosign(
  witness: Witness | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!witness) return say(response, 404, 'no witness');
  if (request.method !== 'POST') return say(response, 405, 'only POST');
  const body = await readBody(request, MAX_REQUEST_BYTES);
  // What is too long is not read to its end: the connection goes with it.
  if (!body) return say(response.setHeader('connection', 'close'), 413, 'the request is too long');
  const { status, type, body: text } = await answerAsWitness(witness, body);
  return say(response, status, text, type);
}

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

function say(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body.endsWith('\n') ? body : `${body}\n`);
}
