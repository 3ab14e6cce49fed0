import { randomBytes } from 'node:crypto';
import type { Msg, Subscription } from 'nats';
import { isNobodyThere } from './answer.js';
import { BusError } from './error.js';
import type { Link } from './link.js';

interface Question {
  readonly subject: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: Msg) => void;
  readonly reject: (error: BusError) => void;
}

/**
 * Asks questions whose answers come back on subjects under one prefix, over one lasting subscription. Below it each process has a
 * token of its own: two that work as one user are not sent each other's answers.
 */
export class Replies {
  readonly #link: Link;
  readonly #prefix: string;
  readonly #open = new Map<string, Question>();
  #subscription: Subscription | undefined;

  constructor(link: Link, prefix: string) {
    this.#link = link;
    this.#prefix = `${prefix}.${randomBytes(6).toString('base64url')}`;
    link.on('down', () => this.#failAll('disconnected', 'the connection broke before the answer came'));
    link.on('denied', (subject) =>
      this.#failAll('not-permitted', `the server refuses to publish on ${subject}`, subject),
    );
  }

  /** @throws BusError `disconnected`, `timeout`, `not-permitted`, `too-large` or `closed` */
  ask(subject: string, data: Uint8Array, timeoutMs: number, traceparents?: readonly string[]): Promise<Msg> {
    return new Promise((resolve, reject) => {
      // 128 bits: who may publish under this prefix but has not seen the question cannot answer it.
      const token = randomBytes(16).toString('base64url');
      this.#subscribe();
      this.#link.send(subject, data, { reply: `${this.#prefix}.${token}`, traceparents });
      const timer = setTimeout(() => {
        this.#settle(token)?.reject(
          new BusError('timeout', `no answer from ${subject} within ${timeoutMs} ms`),
        );
        this.#link.waitsInVain();
      }, timeoutMs);
      this.#open.set(token, { subject, timer, resolve, reject });
    });
  }

  /** Something else was answered than what was asked: that nothing can be, at this server. */
  waitsInVain(): void {
    this.#link.waitsInVain();
  }

  close(): void {
    this.#failAll('closed', 'the bus was closed');
    this.#subscription?.unsubscribe();
  }

  #subscribe(): void {
    if (this.#subscription && !this.#subscription.isClosed()) return;
    if (this.#link.nats.isClosed() || this.#link.nats.isDraining())
      throw new BusError('closed', 'the bus is closed');
    this.#subscription = this.#link.listen(`${this.#prefix}.*`, {
      onRefused: () => this.#failAll('not-permitted', `the server refuses to subscribe to ${this.#prefix}.*`),
      onMessage: (message) => {
        const question = this.#settle(message.subject.slice(this.#prefix.length + 1));
        question?.resolve(message);
        if (isNobodyThere(message)) this.#link.waitsInVain();
      },
    });
  }

  #settle(token: string): Question | undefined {
    const question = this.#open.get(token);
    if (question) clearTimeout(question.timer);
    this.#open.delete(token);
    return question;
  }

  #failAll(code: 'disconnected' | 'closed' | 'not-permitted', message: string, subject?: string): void {
    for (const [token, question] of this.#open) {
      if (subject === undefined || subject === question.subject) {
        this.#settle(token)?.reject(new BusError(code, message));
      }
    }
  }
}
