import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Msg } from 'nats';
import { MOST_ACK_WAIT_MS } from './ensure-consumer.js';
import { BusError } from './error.js';
import type { Link } from './link.js';
import { Pull } from './pull.js';
import { retryDelayMs, Settlement } from './settlement.js';
import { readTraceparents } from './traceparents.js';

export interface Delivery {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Which message of which stream it is, the same in each delivery: after a stream was lost, its numbers begin anew. */
  readonly message: string;
  /** The `traceparent` headers that came with it, as they are: whoever sent it chose every byte of them. */
  readonly traceparents: readonly string[];
  /** How often this message was delivered before. */
  readonly redeliveries: number;
}

/**
 * `done`: handled, the stream forgets it; `drop`: never to be delivered again; `retryInMs`: deliver it again, not
 * before then. A handler that throws asks for a retry after a time that grows with the number of deliveries.
 */
export type Outcome = 'done' | 'drop' | { readonly retryInMs: number };
export type DeliveryHandler = (delivery: Delivery) => Promise<Outcome>;

export interface ConsumeOptions {
  readonly stream: string;
  readonly durable: string;
  /** Handlers that run at the same time; default 64. */
  readonly maxInFlight?: number;
  /** That of the consumer; default 5 s. A handler that takes longer than half of it is announced to the server. */
  readonly ackWaitMs?: number;
}

const AGAIN_MS = 500;

/**
 * Handles the messages of a durable pull consumer that somebody else made. Never gives up: while the stream, the
 * consumer or the server is missing, it tries again.
 */
export class Consumption {
  readonly #link: Link;
  readonly #options: ConsumeOptions;
  readonly #handler: DeliveryHandler;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #pull: Pull | undefined;
  #turns: Promise<void> = Promise.resolve();

  constructor(link: Link, options: ConsumeOptions, handler: DeliveryHandler) {
    this.#link = link;
    this.#options = options;
    this.#handler = handler;
    this.#ended = this.#run();
  }

  /** No new message is taken; resolves when the handlers that run have ended and their outcome is sent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#pull?.end();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { stream, durable } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted && !this.#link.nats.isClosed()) {
      try {
        if (!this.#link.up) await once(this.#link, 'up', { signal });
        await this.#follow();
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof BusError)
          this.#link.report({ type: 'trouble', what: `${stream}/${durable}`, error });
        await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #follow(): Promise<void> {
    const { stream, durable, maxInFlight = 64, ackWaitMs = MOST_ACK_WAIT_MS } = this.#options;
    const room = () => (this.#stopping.signal.aborted ? 0 : maxInFlight - this.#running.size);
    const pull = new Pull(this.#link, stream, durable, room);
    const open = new Set<Settlement>();
    const keepAlive = setInterval(() => {
      for (const settlement of open) settlement.working(ackWaitMs / 2);
    }, ackWaitMs / 5);
    this.#pull = pull;
    pull.on('message', (message) => this.#start(message, pull, open));
    pull.topUp();
    return new Promise((resolve, reject) => {
      pull.once('end', (error) => {
        clearInterval(keepAlive);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  #start(message: Msg, pull: Pull, open: Set<Settlement>): void {
    const settlement = new Settlement(this.#link, pull, message);
    if (this.#stopping.signal.aborted) {
      // What arrives after stop() is given back at once, for another process to take.
      settlement.settle({ retryInMs: 0 });
      return;
    }
    open.add(settlement);
    const work = this.#outcome(message, settlement).then((outcome) => {
      settlement.settle(outcome);
      open.delete(settlement);
      this.#running.delete(work);
      pull.topUp();
      this.#pull?.topUp();
    });
    this.#running.add(work);
  }

  /**
   * One message in each turn of the event loop: those that arrive together, each of which may be a batch, must not keep the
   * connection's own signs of life and everybody's timers waiting until the last of them is looked at.
   */
  #turn(): Promise<void> {
    const mine = this.#turns.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    this.#turns = mine;
    return mine;
  }

  async #outcome(delivered: Msg, { redeliveries, message }: Settlement): Promise<Outcome> {
    await this.#turn();
    const { subject, data } = delivered;
    try {
      const traceparents = readTraceparents(delivered);
      return await this.#handler({ subject, data, message, traceparents, redeliveries });
    } catch (cause) {
      const error = new BusError('handler-failed', `the handler of a message on ${subject} failed`, cause);
      this.#link.report({ type: 'trouble', what: `${this.#options.stream}/${this.#options.durable}`, error });
      return { retryInMs: retryDelayMs(redeliveries) };
    }
  }
}
