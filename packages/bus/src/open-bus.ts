import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection, nkeyAuthenticator, type TlsOptions } from 'nats';
import { Bus } from './bus.js';
import { userPublicKey } from './create-user-key.js';
import { BusError } from './error.js';
import { type BusEvent, Link } from './link.js';
import { checkLiveServer, needsTls } from './live-server.js';
import { checkSubject } from './names.js';
import type { ClientTls } from './server-options.js';

export interface BusOptions {
  /** `nats://host:port`, or `tls://` where a server that offers no TLS is to be refused; several separated by commas. */
  readonly servers: string;
  /** Live messages: TLS anywhere but on loopback, and no server with known advisories. */
  readonly live?: boolean;
  /** Shown by the server among its connections. */
  readonly name: string;
  /** NKEY user seed. */
  readonly seed: string;
  /** The first token of this user's own inboxes. */
  readonly inboxPrefix: string;
  /** Paths of PEM files, beside what the system trusts. With it, a server that offers no TLS is refused. */
  readonly tls?: ClientTls;
  readonly onStatus?: (event: BusEvent) => void;
  /** Ends the wait for the first connection. */
  readonly signal?: AbortSignal;
}

const RECONNECT_MS = 250;
const JITTER_MS = 100;
const SAID_AGAIN_AFTER = 256;
const MOST_REASONS = 16;

/**
 * Connects, however long it takes, and stays connected until it is closed.
 * @throws BusError `bad-config`, `server-refused`, or `closed` if the signal ended the wait
 */
export async function openBus(options: BusOptions): Promise<Bus> {
  const { inboxPrefix, live = false, onStatus = () => undefined } = options;
  userPublicKey(options.seed);
  checkSubject(inboxPrefix);
  const isSecure = options.tls !== undefined || needsTls(options.servers.split(','), live);
  const nats = await firstConnection(isSecure ? { ...options, tls: options.tls ?? {} } : options, onStatus);
  const accept = live ? checkLiveServer : () => undefined;
  try {
    accept(nats.info?.version ?? '');
  } catch (error) {
    await nats.close();
    throw error;
  }
  onStatus({ type: 'connected', server: nats.getServer() });
  return new Bus(new Link(nats, inboxPrefix, onStatus, accept, hasOthers(options)));
}

const hasOthers = ({ servers }: Pick<BusOptions, 'servers'>): boolean => servers.includes(',');

// Not nats.js's own waitOnFirstConnect: it tells nobody why it waits, and cannot be stopped.
async function firstConnection(
  options: BusOptions,
  report: (event: BusEvent) => void,
): Promise<NatsConnection> {
  const { signal } = options;
  const times = new Map<string, number>();
  for (;;) {
    if (signal?.aborted) throw new BusError('closed', 'stopped before there was a connection', signal.reason);
    try {
      return await dial(options);
    } catch (cause) {
      // Each for itself: of several servers one may be away, and another not know us.
      const why = String(cause);
      const nth = (times.get(why) ?? 0) + 1;
      if (times.size >= MOST_REASONS) times.clear();
      times.set(why, nth);
      if (isWorthSaying(nth))
        report({
          type: 'waiting',
          error: new BusError('disconnected', `no connection to ${options.servers}`, cause),
        });
    }
    const waitMs = RECONNECT_MS + Math.random() * JITTER_MS;
    await delay(waitMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

/** The 1st, 2nd, 4th… time, and then every minute or so: a server that is away for days fills no log. */
const isWorthSaying = (times: number): boolean =>
  times % SAID_AGAIN_AFTER === 0 || Number.isInteger(Math.log2(times));

/**
 * nats.js forgets for ever which of several it could not reach before its first connection: a service that is started while a server is down
 * would never go there. So each is named twice: what it forgets then is one of the two.
 */
function inAnyOrder(servers: readonly string[]): string[] {
  const first = randomInt(servers.length);
  const turned = [...servers.slice(first), ...servers.slice(0, first)];
  return turned.length > 1 ? [...turned, ...turned] : turned;
}

function dial({ servers, name, seed, inboxPrefix, tls }: BusOptions): Promise<NatsConnection> {
  return connect({
    servers: inAnyOrder(servers.split(',')),
    noRandomize: true,
    name,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    inboxPrefix,
    // One of several that stands still takes the connection and says nothing: the next one is there.
    timeout: hasOthers({ servers }) ? 2000 : 5000,
    pingInterval: 5000,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: JITTER_MS,
    reconnectJitterTLS: JITTER_MS,
    // A server whose configuration does not list us yet, or no more, will not make us stop asking.
    ignoreAuthErrorAbort: true,
    // A server may not send us to servers that our configuration does not name.
    ignoreClusterUpdates: true,
    noAsyncTraces: true,
    ...(tls ? { tls: tls as TlsOptions } : {}),
  });
}
