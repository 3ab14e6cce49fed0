import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Msg, Subscription } from 'nats';
import { BusError, type BusErrorCode } from './error.js';
import type { Link } from './link.js';
import { readHeaders } from './read-headers.js';

/** A process that stands still is given messages for as long as its request lives; each then comes to another after `ack_wait`. */
const EXPIRES_MS = 5000;
const HEARTBEAT_MS = 1000;
const SILENCE_MS = 2750;
const CHECK_MS = HEARTBEAT_MS / 4;
/** Nothing is open any more then, or two requests are for a moment. Of a request that expires while messages come a server says so sometimes, and sometimes forgets it silently (2.9.10). */
const FORGOTTEN_MS = EXPIRES_MS + CHECK_MS;
const NANOS = 1_000_000;
const NO_MESSAGES = 404;
const REQUEST_EXPIRED = 408;
const CONFLICT = 409;
const NOBODY_THERE = 503;

interface PullEvents {
  message: [message: Msg];
  end: [error: BusError | undefined];
}

/**
 * Keeps a consumer's messages coming, never more than there is room for, until the first sign of trouble: one `end`
 * event. Whoever owns it then begins anew with another inbox; what the server still sent to this one is lost to
 * nobody, as it was not acknowledged.
 *
 * One request for a batch is open at a time: a delivery does not say which request it answers, and with one there is
 * nothing to guess.
 */
export class Pull extends EventEmitter<PullEvents> {
  readonly #link: Link;
  readonly #api: string;
  readonly #room: () => number;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #watch: NodeJS.Timeout;
  #request = 0;
  #left = 0;
  #askedAt = 0;
  #heardAt = 0;
  #checkedAt = performance.now();
  #soon = false;
  #over = false;

  constructor(link: Link, stream: string, durable: string, room: () => number) {
    super();
    this.#link = link;
    this.#api = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`;
    this.#room = room;
    this.#inbox = `${link.inboxPrefix}.${randomBytes(16).toString('base64url')}`;
    this.#subscription = link.listen(`${this.#inbox}.*`, {
      onRefused: (error) => this.end('not-permitted', error.message),
      onMessage: (message) => this.#receive(message),
    });
    this.#watch = setInterval(() => this.#check(), CHECK_MS);
    link.on('down', this.#down);
    link.on('denied', this.#denied);
  }

  get over(): boolean {
    return this.#over;
  }

  /** Asks for as many as there is room for, once this turn's handlers have said that they are done. */
  topUp(): void {
    if (this.#soon || this.#over) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      const batch = this.#room();
      if (!this.#over && this.#left === 0 && batch > 0) this.#ask(batch);
    });
  }

  end(code?: BusErrorCode, message = ''): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#watch);
    this.#link.off('down', this.#down);
    this.#link.off('denied', this.#denied);
    this.#subscription.unsubscribe();
    this.emit('end', code && new BusError(code, message));
    if (code === 'timeout' || code === 'not-found') this.#link.waitsInVain();
  }

  readonly #down = () => this.end('disconnected', 'the connection broke');
  readonly #denied = (subject: string) => {
    if (subject === this.#api) this.end('not-permitted', `the server refuses ${subject}`);
  };

  #ask(batch: number): void {
    this.#request += 1;
    this.#left = batch;
    // By the monotonic clock: one that is set back must not make a consumer wait for it.
    this.#askedAt = this.#heardAt = performance.now();
    const body = { batch, expires: EXPIRES_MS * NANOS, idle_heartbeat: HEARTBEAT_MS * NANOS };
    try {
      this.#link.send(this.#api, new TextEncoder().encode(JSON.stringify(body)), {
        reply: `${this.#inbox}.${this.#request}`,
      });
    } catch {
      this.#down();
    }
  }

  #receive(message: Msg): void {
    if (this.#over) return;
    this.#heardAt = performance.now();
    // Told apart by what the server writes. A message out of the stream keeps its subject; its headers are its sender's, who may
    // have put there what looks like the server's word.
    if (message.subject.startsWith(`${this.#inbox}.`)) this.#hear(message);
    else if (message.reply?.startsWith('$JS.ACK.')) this.#deliver(message);
  }

  #deliver(message: Msg): void {
    this.#left = Math.max(0, this.#left - 1);
    this.#link.heard();
    this.emit('message', message);
    this.topUp();
  }

  // What is about a request, not a message of the stream, comes under the request's own subject.
  #hear(message: Msg): void {
    const { status, reason } = readHeaders(message);
    // That one its own server says.
    if (status !== NOBODY_THERE) this.#link.heard();
    if (status < 400 || message.subject !== `${this.#inbox}.${this.#request}`) return;
    if (status === NO_MESSAGES || status === REQUEST_EXPIRED) {
      this.#left = 0;
      this.topUp();
    } else if (status === NOBODY_THERE || (status === CONFLICT && /deleted/i.test(reason))) {
      this.end('not-found', `the consumer is not there: ${status} ${reason}`);
    } else {
      this.end('refused', `${status} ${reason}`);
    }
  }

  #check(): void {
    const now = performance.now();
    const lateMs = now - this.#checkedAt - CHECK_MS;
    this.#checkedAt = now;
    // This process stood still: what came meanwhile is not read yet, and would be lost until the server gives it out again.
    if (lateMs > HEARTBEAT_MS) return;
    if (now - this.#askedAt > FORGOTTEN_MS) this.#left = 0;
    if (this.#left > 0 && now - this.#heardAt > SILENCE_MS) this.end('timeout', 'the consumer went silent');
    this.topUp();
  }
}
