import { Empty, headers, type Msg, type MsgHdrs, type Subscription } from 'nats';
import { BusError } from './error.js';
import type { Link } from './link.js';
import { matches } from './names.js';
import { SERVICE_ERROR, SERVICE_TIME, serviceErrors } from './request.js';
import { readTraceparents } from './traceparents.js';

/** @param traceparents the headers of that name, as whoever asks chose them */
export type RequestHandler = (
  bytes: Uint8Array,
  subject: string,
  traceparents: readonly string[],
) => Promise<Uint8Array>;

export interface ServeOptions {
  /** Handlers that run at the same time; default 64. */
  readonly maxInFlight?: number;
  /** Requests that wait beyond those; one more is answered `busy`. Default 4096. */
  readonly maxWaiting?: number;
  /** Of those, running or waiting, on one and the same subject; one more is answered `busy`. Default: all. */
  readonly maxOfOneSubject?: number;
  /** Asked once about each request that there is room for, before its bytes are looked at: what may not be taken now is answered `busy`. */
  readonly mayTake?: (subject: string) => boolean;
  readonly onBusy?: () => void;
  /** Processes with the same queue name share the requests. */
  readonly queue?: string;
  /** With it, each answer says when it was given. */
  readonly now?: () => number;
}

const RESUBSCRIBE_MS = 1000;
// A user's own inboxes, and what the server puts in their place between accounts.
const REPLIES = ['_INBOX_', '_R_.'];

/** Answers requests until it is stopped. */
export class Service {
  readonly #link: Link;
  readonly #subject: string;
  readonly #handler: RequestHandler;
  readonly #options: ServeOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: Msg[] = [];
  readonly #inHand = new Map<string, number>();
  #subscription: Subscription | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(link: Link, subject: string, handler: RequestHandler, options: ServeOptions) {
    this.#link = link;
    this.#subject = subject;
    this.#handler = handler;
    this.#options = options;
    this.#subscribe();
  }

  /** No new request is taken; resolves when those taken are answered. */
  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    this.#subscription?.unsubscribe();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #subscribe(): void {
    if (this.#link.nats.isClosed() || this.#link.nats.isDraining()) return;
    this.#subscription = this.#link.listen(this.#subject, {
      queue: this.#options.queue,
      onRefused: (error) => this.#denied(error),
      onMessage: (message) => this.#take(message),
    });
  }

  // The server's configuration may come to allow it: a service that gave up would have to be restarted by hand.
  #denied(cause: Error): void {
    const error = new BusError('not-permitted', `the server refuses to subscribe to ${this.#subject}`, cause);
    this.#link.report({ type: 'trouble', what: this.#subject, error });
    this.#retry = setTimeout(() => this.#subscribe(), RESUBSCRIBE_MS);
  }

  #take(message: Msg): void {
    if (!this.#isRequest(message)) return;
    const { maxInFlight = 64, maxWaiting = 4096, maxOfOneSubject = Number.POSITIVE_INFINITY } = this.#options;
    const { subject } = message;
    const inHand = this.#inHand.get(subject) ?? 0;
    const isFree = this.#running.size < maxInFlight;
    const hasRoom = inHand < maxOfOneSubject && (isFree || this.#waiting.length < maxWaiting);
    if (!hasRoom || this.#options.mayTake?.(subject) === false) {
      this.#refuse(message);
      return;
    }
    this.#inHand.set(subject, inHand + 1);
    if (isFree) this.#start(message);
    else this.#waiting.push(message);
  }

  #refuse(message: Msg): void {
    this.#options.onBusy?.();
    this.#fail(message, serviceErrors.busy);
  }

  #release({ subject }: Msg): void {
    const left = (this.#inHand.get(subject) ?? 1) - 1;
    if (left === 0) this.#inHand.delete(subject);
    else this.#inHand.set(subject, left);
  }

  // INVARIANT: only what was published here as a request is one. The server checks neither the reply subject of a
  // message nor where JetStream is told to deliver: with the reply `ledger.append`, somebody who may not publish
  // there makes JetStream send an acknowledgement there, or a message out of a stream. The first has no reply; the
  // second keeps its subject, and its reply is under `$JS.ACK`. And an answer goes to an inbox, never to where a
  // requester points us.
  #isRequest({ subject, reply }: Msg): boolean {
    return matches(this.#subject, subject) && REPLIES.some((prefix) => reply?.startsWith(prefix));
  }

  #start(message: Msg): void {
    const work = this.#answer(message).finally(() => {
      this.#running.delete(work);
      this.#release(message);
      const next = this.#waiting.shift();
      if (next) this.#start(next);
    });
    this.#running.add(work);
  }

  async #answer(message: Msg): Promise<void> {
    try {
      const answer = await this.#handler(message.data, message.subject, readTraceparents(message));
      this.#link.send(message.reply ?? '', answer, { headers: this.#about() });
    } catch (cause) {
      // Who asked learns that it failed, not why.
      const error = new BusError('handler-failed', `a request on ${message.subject} failed`, cause);
      this.#link.report({ type: 'trouble', what: this.#subject, error });
      this.#fail(message, serviceErrors.failed);
    }
  }

  #fail(message: Msg, code: string): void {
    if (!this.#link.up || !message.reply) return;
    const about = this.#about() ?? headers();
    about.set(SERVICE_ERROR, code);
    try {
      this.#link.nats.publish(message.reply, Empty, { headers: about });
    } catch {
      // Closing: who asked times out, and asks again.
    }
  }

  #about(): MsgHdrs | undefined {
    const { now } = this.#options;
    if (!now) return undefined;
    const about = headers();
    about.set(SERVICE_TIME, String(now()));
    return about;
  }
}
