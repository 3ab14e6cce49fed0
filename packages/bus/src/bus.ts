import { setTimeout as delay } from 'node:timers/promises';
import { type ConsumeOptions, Consumption, type DeliveryHandler } from './consume.js';
import { type ConsumerConfig, ensureConsumer } from './ensure-consumer.js';
import { ensureStream, type StreamConfig, type StreamState } from './ensure-stream.js';
import { BusError } from './error.js';
import { infoUnlessMissing } from './js-api.js';
import { keepWithOthers } from './keep-with-others.js';
import type { Link } from './link.js';
import { checkPattern, checkStreamName, checkSubject } from './names.js';
import { publish } from './publish.js';
import { readLast } from './read-last.js';
import { Replies } from './replies.js';
import { type RequestOptions, request } from './request.js';
import { type RequestHandler, type ServeOptions, Service } from './serve.js';

export interface Timeout {
  readonly timeoutMs: number;
}

/** Inside a nation only: what crosses a border has no header of ours. */
export interface Traced {
  /** What goes along as `traceparent` headers (W3C Trace Context), one for each traced message in the bytes. */
  readonly traceparents?: readonly string[];
}

/** What goes on until it is stopped or the bus is closed. */
interface Work {
  readonly stop: () => Promise<void>;
}

const GRACE_MS = 5000;
const DRAIN_MS = 1000;

/** One user's connection to its nation's NATS server. Made by `openBus`. */
export class Bus {
  readonly #link: Link;
  readonly #replies: Replies;
  readonly #across = new Map<string, Replies>();
  readonly #madeAnew = new Map<string, number>();
  readonly #work = new Set<Work>();
  #closed: Promise<void> | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.#replies = this.#openReplies(`${link.inboxPrefix}._`);
  }

  get connected(): boolean {
    return this.#link.up;
  }

  /**
   * Resolves when a stream has stored the bytes. On `timeout` and `disconnected` they may be stored as well.
   * @throws BusError
   */
  async publish(
    subject: string,
    bytes: Uint8Array,
    { timeoutMs, traceparents }: Timeout & Traced,
  ): Promise<void> {
    await publish(this.#replies, checkSubject(subject), bytes, timeoutMs, traceparents);
    // With three replicas most servers of the cluster have it; with one, the only server that could.
    this.#link.heard();
  }

  /**
   * The same into another nation, whose stream answers under `replyPrefix` (`_R.<asker>.<answerer>`): the subject
   * under which the interconnect lets that nation alone publish.
   * @throws BusError
   */
  async publishAcross(
    subject: string,
    bytes: Uint8Array,
    { replyPrefix, timeoutMs }: Timeout & { readonly replyPrefix: string },
  ): Promise<void> {
    return publish(this.#repliesUnder(replyPrefix), checkSubject(subject), bytes, timeoutMs);
  }

  /** @throws BusError */
  async request(subject: string, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return request(this.#replies, checkSubject(subject), bytes, options);
  }

  /** For who consumes nothing: leaves a server of a cluster that is cut off from the others. Without a cluster it does nothing. */
  keepWithOthers(): void {
    if (this.#openLink().hasOthers) this.#keep(keepWithOthers(this.#link, this.#replies));
  }

  /** Answers requests on a subject, which may have wildcards, until it is stopped or the bus is closed. */
  serve(subject: string, handler: RequestHandler, options: ServeOptions = {}): Service {
    return this.#keep(new Service(this.#openLink(), checkPattern(subject), handler, options));
  }

  /** Handles the messages of a consumer that exists, or will, until it is stopped or the bus is closed. */
  consume(options: ConsumeOptions, handler: DeliveryHandler): Consumption {
    checkStreamName(options.stream);
    checkStreamName(options.durable);
    return this.#keep(new Consumption(this.#openLink(), options, handler));
  }

  /** @throws BusError */
  async ensureStream(config: StreamConfig): Promise<StreamState> {
    return ensureStream(this.#replies, config);
  }

  /** @throws BusError */
  async readLast(stream: string, subject: string): Promise<Uint8Array | undefined> {
    return readLast(this.#replies, stream, subject);
  }

  /** Reports a consumer that had to be made anew. @throws BusError, `unreadable` if that did not help: the stream is to be made anew */
  async ensureConsumer(stream: string, config: ConsumerConfig): Promise<void> {
    const error = await ensureConsumer(this.#replies, stream, config, this.#madeAnew);
    if (error) this.#link.report({ type: 'trouble', what: `${stream}/${config.durable}`, error });
  }

  /** With all that is in it. @throws BusError */
  async removeStream(name: string): Promise<void> {
    await infoUnlessMissing(this.#replies, `STREAM.DELETE.${checkStreamName(name)}`);
  }

  /** Stops taking work, waits up to `graceMs` for what runs, and disconnects. */
  close({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    // While they end, handlers can still publish and ask.
    await atMost(graceMs, Promise.all([...this.#work].map((work) => work.stop())));
    for (const replies of [this.#replies, ...this.#across.values()]) replies.close();
    // Without a connection a drain of nats.js does not end.
    if (this.#link.up)
      await atMost(
        DRAIN_MS,
        this.#link.nats.drain().catch(() => undefined),
      );
    await this.#link.nats.close();
  }

  #keep<Kind extends Work>(work: Kind): Kind {
    this.#work.add(work);
    return work;
  }

  #openLink(): Link {
    if (this.#closed) throw new BusError('closed', 'the bus is closed');
    return this.#link;
  }

  #repliesUnder(prefix: string): Replies {
    const known = this.#across.get(prefix);
    if (known) return known;
    const made = this.#openReplies(checkSubject(prefix));
    this.#across.set(prefix, made);
    return made;
  }

  #openReplies(prefix: string): Replies {
    return new Replies(this.#link, prefix);
  }
}

async function atMost(timeMs: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  const timer = delay(timeMs, undefined, { signal: ended.signal }).catch(() => undefined);
  await Promise.race([work, timer]);
  ended.abort();
}
