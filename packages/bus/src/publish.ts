import { isNobodyThere } from './answer.js';
import { BusError } from './error.js';
import { parseAnswer } from './js-api.js';
import type { Replies } from './replies.js';

/**
 * Resolves when a stream has said that it stored the bytes: to a file, not necessarily to the disk.
 * Carries no `Nats-Msg-Id`: inside the window it would swallow the resend of a message that was consumed
 * and then lost downstream.
 * @throws BusError `no-stream`, `full`, `refused`, `bad-answer`, or what `Replies.ask` throws
 */
export async function publish(
  replies: Replies,
  subject: string,
  bytes: Uint8Array,
  timeoutMs: number,
  traceparents?: readonly string[],
): Promise<void> {
  const answer = await replies.ask(subject, bytes, timeoutMs, traceparents);
  if (isNobodyThere(answer)) throw new BusError('no-stream', `no stream takes ${subject}`);
  const ack = parseAnswer(answer.data, `publish to ${subject}`);
  if (typeof ack.stream !== 'string' || typeof ack.seq !== 'number') {
    throw new BusError('bad-answer', `what answered on ${subject} is no stream`);
  }
}
