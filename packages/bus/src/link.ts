import { EventEmitter } from 'node:events';
import type { Msg, MsgHdrs, NatsConnection, PublishOptions, Subscription } from 'nats';
import { BusError } from './error.js';
import { traceHeaders, traceSize } from './traceparents.js';

export interface SendOptions {
  readonly reply?: string;
  readonly headers?: MsgHdrs | undefined;
  /** In place of `headers`. */
  readonly traceparents?: readonly string[] | undefined;
}

export interface Listener {
  /** Processes with the same queue name share the messages. */
  readonly queue?: string | undefined;
  readonly onRefused: (error: Error) => void;
  readonly onMessage: (message: Msg) => void;
}

export type BusEvent =
  /** The first connection does not come about yet; it is tried again. */
  | { readonly type: 'waiting'; readonly error: BusError }
  | { readonly type: 'connected'; readonly server: string }
  | { readonly type: 'disconnected' }
  /** The server refused a subject: its configuration and ours differ, or somebody uses our key. */
  | { readonly type: 'denied'; readonly operation: 'publish' | 'subscribe'; readonly subject: string }
  /** A consumer or a subscription does not work now; it is tried again. */
  | { readonly type: 'trouble'; readonly what: string; readonly error: BusError };

interface LinkEvents {
  up: [];
  down: [];
  denied: [subject: string];
}

/** Longer than a consumer is silent before it is asked again, shorter than an outage may be. */
const ALONE_MS = 4000;
const MOST_ALONE_MS = 60_000;
/** nats.js takes a connection that it has just made for lost twice. */
const AGAIN_MS = 250;
const MOST_TURNS = 4;

/** One connection, as the rest of this package sees it: whether it is up, and what the server refuses. */
export class Link extends EventEmitter<LinkEvents> {
  readonly nats: NatsConnection;
  readonly inboxPrefix: string;
  readonly report: (event: BusEvent) => void;
  /** Whether there are other servers to go to. */
  readonly hasOthers: boolean;
  readonly #accept: (version: string) => void;
  #up = true;
  #heardMs = performance.now();
  #patienceMs = ALONE_MS;
  /** The server that is being left for another one. */
  #left: string | undefined;
  #turns = 0;

  /**
   * @param accept throws a BusError about a server that must not be used
   */
  constructor(
    nats: NatsConnection,
    inboxPrefix: string,
    report: (event: BusEvent) => void,
    accept: (version: string) => void = () => undefined,
    hasOthers = false,
  ) {
    super();
    this.setMaxListeners(0);
    this.nats = nats;
    this.inboxPrefix = inboxPrefix;
    this.report = report;
    this.#accept = accept;
    this.hasOthers = hasOthers;
    void this.#watch();
  }

  get up(): boolean {
    return this.#up && !this.nats.isClosed();
  }

  /**
   * Publishes without waiting for anything.
   * @throws BusError `disconnected`, `closed` or `too-large`: nothing was sent
   */
  send(subject: string, data: Uint8Array, { reply, headers, traceparents }: SendOptions = {}): void {
    if (this.nats.isClosed()) throw new BusError('closed', 'the bus is closed');
    // What nats.js buffers while it is disconnected it drops when it connects.
    if (!this.#up) throw new BusError('disconnected', 'there is no connection to the NATS server');
    const most = this.nats.info?.max_payload ?? Number.POSITIVE_INFINITY;
    const size = data.length + traceSize(traceparents);
    if (size > most) throw new BusError('too-large', `${size} bytes, the server takes ${most}`);
    const options: PublishOptions = headers === undefined ? traceHeaders(traceparents) : { headers };
    if (reply !== undefined) options.reply = reply;
    try {
      this.nats.publish(subject, data, options);
    } catch (cause) {
      throw new BusError('closed', 'the bus is closing', cause);
    }
  }

  /** What `onMessage` throws is reported: nats.js, which calls it while it reads, would never read from this connection again. */
  listen(subject: string, { queue, onRefused, onMessage }: Listener): Subscription {
    return this.nats.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (refusal, message) => {
        if (refusal) return onRefused(refusal);
        try {
          onMessage(message);
        } catch (cause) {
          const error = new BusError('handler-failed', `a message on ${subject} could not be taken`, cause);
          this.report({ type: 'trouble', what: subject, error });
        }
      },
    });
  }

  /**
   * Something came that shows that the server is one of the others': from a consumer, or that a stream of the nation has stored something.
   * That holds for streams with three replicas. One with a single replica works on at its server when that is cut off: whoever is there
   * stays, and no other server has what is in it. Answers show nothing else: a service may be at the same server, another nation behind
   * a leaf that is not cut off, and what a stream is like each server knows by itself.
   */
  heard(): void {
    this.#heardMs = performance.now();
    this.#patienceMs = ALONE_MS;
  }

  /**
   * Something did not come in time, or nobody was there to ask. A server of a cluster that is cut off from the others keeps its connections
   * and has nothing to say on them: where nothing was heard through it for long, another one is tried; less and less often, for there
   * may be nobody behind any of them.
   */
  waitsInVain(): void {
    if (!this.hasOthers || !this.up) return;
    if (performance.now() - this.#heardMs < this.#patienceMs) return;
    this.#patienceMs = Math.min(2 * this.#patienceMs, MOST_ALONE_MS);
    const error = new BusError('timeout', 'nothing is heard through this server: another one is tried');
    this.report({ type: 'trouble', what: this.nats.getServer(), error });
    this.#left = this.nats.getServer();
    this.#turns = 0;
    void this.nats.reconnect().catch(() => undefined);
  }

  async #watch(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect') this.#fell();
      else if (status.type === 'reconnect') this.#rose();
      else if (status.type === 'error' && status.permissionContext) {
        const { operation, subject } = status.permissionContext;
        this.report({
          type: 'denied',
          operation: operation === 'publish' ? 'publish' : 'subscribe',
          subject,
        });
        if (operation === 'publish') this.emit('denied', subject);
      }
    }
    this.#fell();
  }

  #fell(): void {
    if (!this.#up) return;
    this.#up = false;
    this.emit('down');
    this.report({ type: 'disconnected' });
  }

  #rose(): void {
    try {
      // Another server may stand there than the one that we left.
      this.#accept(this.nats.info?.version ?? '');
    } catch (error) {
      this.report({ type: 'waiting', error: error as BusError });
      void this.nats.close();
      return;
    }
    // nats.js may go to the one again from which it comes; and there may be no other by now.
    if (this.nats.getServer() === this.#left && this.#turns < MOST_TURNS) {
      this.#turns += 1;
      setTimeout(() => void this.nats.reconnect().catch(() => undefined), AGAIN_MS).unref();
      return;
    }
    this.#left = undefined;
    this.#up = true;
    this.#heardMs = performance.now();
    this.emit('up');
    this.report({ type: 'connected', server: this.nats.getServer() });
  }
}
