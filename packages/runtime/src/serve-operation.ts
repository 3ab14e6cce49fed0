import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import { readBody, serveHttp } from './serve-http.js';

/** Something that an operator does: what is sent is JSON, and so is the answer. */
export interface Action {
  /** @throws ActionRefused if what is asked cannot be done */
  readonly run: (asked: unknown) => object;
}

/** What is asked cannot be done: who asked reads why. */
export class ActionRefused extends Error {
  override readonly name = 'ActionRefused';
}

export interface OperationOptions {
  /** On 127.0.0.1; 0 lets the system choose. */
  readonly port: number;
  readonly metrics: Metrics;
  /** Is told why something could not be answered; who asks is not. */
  readonly logger: Pick<Logger, 'error'>;
  /** What the service needs to work, by name, and whether it has it now. */
  readonly needs: () => Readonly<Record<string, boolean>>;
  /** More that this service tells, by path: `/alarms`. */
  readonly pages?: Readonly<Record<string, (query: URLSearchParams) => object | Promise<object>>>;
  /** What this service does when it is told to, by path. */
  readonly actions?: Readonly<Record<string, Action>>;
}

const MOST_BYTES = 16 * 1024;
const LOOPBACK = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/;

/**
 * What an operator and a supervisor ask, and nobody else: `/metrics`, `/health/live` (it runs) and `/health/ready` (it has what it
 * needs; else 503, with what it lacks). No ids, no content; on loopback only.
 */
export async function serveOperation(options: OperationOptions) {
  const server = serveHttp({
    port: options.port,
    answer: (request, response) => answer(options, request, response),
    onFault: (error) => options.logger.error({ err: error }, 'an operator could not be answered'),
  });
  return { port: await server.start(), stop: server.stop };
}

async function answer(
  { metrics, needs, pages = {}, actions = {} }: OperationOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '', query] = (request.url ?? '').split('?');
  const action = own(actions, path);
  if (request.method === 'POST' && action) return await act(action, request, response);
  if (request.method !== 'GET') return say(response, 405, { error: 'only GET' });
  if (path === '/health/live') return say(response, 200, { ok: true });
  if (path === '/health/ready') {
    const state = needs();
    const ok = Object.values(state).every(Boolean);
    return say(response, ok ? 200 : 503, { ok, needs: state });
  }
  const page = own(pages, path);
  if (page) return say(response, 200, await page(new URLSearchParams(query)));
  if (path !== '/metrics') return say(response, 404, { error: 'not found' });
  const text = await metrics.text();
  response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
}

/**
 * A page in a browser on this machine can send a POST here, but not with this content type unless it is allowed to, which nobody is; and
 * not under a name of its own that it lets stand for 127.0.0.1. So no web site acts for an operator.
 */
async function act(action: Action, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!LOOPBACK.test(request.headers.host ?? ''))
    return say(response, 403, { error: 'on this machine only' });
  if (request.headers['content-type'] !== 'application/json')
    return say(response, 415, { error: 'send it as application/json' });
  const body = await readBody(request, MOST_BYTES);
  if (!body) return say(response.setHeader('connection', 'close'), 413, { error: 'too long' });
  try {
    say(response, 200, action.run(JSON.parse(body.toString('utf8'))));
  } catch (error) {
    if (error instanceof SyntaxError) return say(response, 400, { error: 'that is no JSON' });
    if (!(error instanceof ActionRefused)) throw error;
    say(response, 422, { error: error.message });
  }
}

function own<T>(by: Readonly<Record<string, T>>, path: string): T | undefined {
  return Object.hasOwn(by, path) ? by[path] : undefined;
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
