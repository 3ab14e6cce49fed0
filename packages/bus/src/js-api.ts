import { isNobodyThere } from './answer.js';
import { BusError } from './error.js';
import type { Replies } from './replies.js';

export type Json = { readonly [name: string]: unknown };

const TIMEOUT_MS = 5000;
const NOT_FOUND = 404;
/** JSStreamStoreFailedF: the limits of a stream that discards what is new. */
const STORE_FAILED = 10_077;
/** JSClusterNotAvailErr: whoever is at this server is told nothing else until it has its leader again. */
const NO_LEADER = 10_008;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * One request to JetStream's API, without the look-ups that nats.js makes around it: a member may ask for nothing
 * but its own consumer.
 * @throws BusError `not-found`, `full`, `leaderless`, `refused`, `no-stream` (no JetStream here), `bad-answer`, or what `Replies.ask` throws
 */
export async function jsApi(
  replies: Replies,
  name: string,
  body?: Json,
  timeoutMs = TIMEOUT_MS,
): Promise<Json> {
  const subject = `$JS.API.${name}`;
  const bytes = new TextEncoder().encode(body ? JSON.stringify(body) : '');
  const answer = await replies.ask(subject, bytes, timeoutMs);
  if (isNobodyThere(answer)) throw new BusError('no-stream', 'this account has no JetStream');
  try {
    return parseAnswer(answer.data, name);
  } catch (error) {
    if (error instanceof BusError && error.code === 'leaderless') replies.waitsInVain();
    throw error;
  }
}

/** The answer to an INFO request, or nothing if what it asks about does not exist. */
export async function infoUnlessMissing(
  replies: Replies,
  name: string,
  body?: Json,
): Promise<Json | undefined> {
  try {
    return await jsApi(replies, name, body);
  } catch (error) {
    if (error instanceof BusError && error.code === 'not-found') return undefined;
    throw error;
  }
}

export function configOf({ config }: Json): Json {
  if (isObject(config)) return config;
  throw new BusError('bad-answer', 'an answer without a configuration');
}

/** @throws BusError `bad-answer` */
export function numberIn(value: unknown, field: string): number {
  const number = isObject(value) ? value[field] : undefined;
  if (typeof number === 'number') return number;
  throw new BusError('bad-answer', `an answer without ${field}`);
}

export const isRefusal = (error: unknown): boolean => error instanceof BusError && error.code === 'refused';

/** Reads an answer of JetStream's, which may come from another nation: nothing in it is trusted to be well formed. */
export function parseAnswer(data: Uint8Array, what: string): Json {
  const answer = parseObject(data, what);
  const error = answer.error;
  if (error === undefined) return answer;
  const { code, err_code: reason, description } = isObject(error) ? error : {};
  const words = printable(description);
  const isFull = reason === STORE_FAILED && words.startsWith('maximum ');
  if (reason === NO_LEADER) throw new BusError('leaderless', `${what}: ${words}`);
  throw new BusError(isFull ? 'full' : code === NOT_FOUND ? 'not-found' : 'refused', `${what}: ${words}`);
}

function parseObject(data: Uint8Array, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(data));
  } catch (cause) {
    throw new BusError('bad-answer', `${what}: the answer is not JSON`, cause);
  }
  if (!isObject(value)) throw new BusError('bad-answer', `${what}: the answer is not an object`);
  return value;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// It goes into our logs, and may have been written by somebody hostile.
const printable = (text: unknown): string =>
  String(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 200);
