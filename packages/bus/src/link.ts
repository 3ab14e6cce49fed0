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

/** One connection, as the rest of this package sees it: whether it is up, and what the server refuses. */
export class Link extends EventEmitter<LinkEvents> {
  readonly nats: NatsConnection;
  readonly inboxPrefix: string;
  readonly report: (event: BusEvent) => void;
  readonly #accept: (version: string) => void;
  #up = true;

  /** @param accept throws a BusError about a server that must not be used */
  constructor(
    nats: NatsConnection,
    inboxPrefix: string,
    report: (event: BusEvent) => void,
    accept: (version: string) => void = () => undefined,
  ) {
    super();
    this.setMaxListeners(0);
    this.nats = nats;
    this.inboxPrefix = inboxPrefix;
    this.report = report;
    this.#accept = accept;
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
    this.#up = true;
    this.emit('up');
    this.report({ type: 'connected', server: this.nats.getServer() });
  }
}
