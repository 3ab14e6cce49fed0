import type { Msg } from 'nats';
import type { Outcome } from './consume.js';
import type { Link } from './link.js';
import type { Pull } from './pull.js';

const encoder = new TextEncoder();
const ACK = encoder.encode('+ACK');
const TERM = encoder.encode('+TERM');
const WORKING = encoder.encode('+WPI');

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
const NANOS = 1_000_000;

/** 250 ms, doubled with each delivery, up to 30 s. */
export const retryDelayMs = (redeliveries: number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(redeliveries, 10));

/** The answer that the server awaits for one delivery. */
export class Settlement {
  readonly redeliveries: number;
  /** The stream, the number in it and the time at which it was stored. */
  readonly message: string;
  readonly #link: Link;
  readonly #pull: Pull;
  readonly #reply: string;
  #saidAt = performance.now();

  constructor(link: Link, pull: Pull, { reply = '' }: Msg) {
    this.#link = link;
    this.#pull = pull;
    this.#reply = reply;
    const { redeliveries, message } = readReply(reply);
    this.redeliveries = redeliveries;
    this.message = message;
  }

  settle(outcome: Outcome): void {
    if (outcome === 'done') this.#say(ACK);
    else if (outcome === 'drop') this.#say(TERM);
    else this.#say(encoder.encode(`-NAK {"delay": ${Math.max(0, Math.round(outcome.retryInMs)) * NANOS}}`));
  }

  /** Tells the server, if it has heard nothing for so long, that the handler still runs. */
  working(silentMs: number): void {
    if (performance.now() - this.#saidAt < silentMs) return;
    this.#saidAt = performance.now();
    this.#say(WORKING);
  }

  // INVARIANT: a delivery is settled on the connection that brought it, or not at all. An acknowledgement names a
  // sequence number; after a restart with a new store that number is another message, which would be forgotten
  // unhandled. What is not settled is delivered again.
  #say(word: Uint8Array): void {
    if (this.#pull.over || !this.#link.up) return;
    try {
      this.#link.send(this.#reply, word);
    } catch {
      // The connection broke in this moment: delivered again.
    }
  }
}

// $JS.ACK.<stream>.<consumer>.<deliveries>.<number in the stream>.<number in the consumer>.<time>.<pending>, or with a domain and
// an account's hash before the stream, and a token at random after the end.
function readReply(reply: string): { redeliveries: number; message: string } {
  const tokens = reply.split('.');
  const at = tokens.length > 9 ? 4 : 2;
  const deliveries = Number(tokens[at + 2]);
  return {
    redeliveries: Number.isSafeInteger(deliveries) && deliveries > 0 ? deliveries - 1 : 0,
    message: [tokens[at], tokens[at + 3], tokens[at + 5]].join('.'),
  };
}
