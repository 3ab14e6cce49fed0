import { isNobodyThere } from './answer.js';
import { BusError } from './error.js';
import type { Replies } from './replies.js';

/** The header of NATS's services for an error; its value is one of {@link serviceErrors}. */
export const SERVICE_ERROR = 'Nats-Service-Error-Code';
export const serviceErrors = { failed: '500', busy: '503' } as const;

/**
 * Asks a service.
 * @throws BusError `no-responder`, `handler-failed`, `busy`, or what `Replies.ask` throws
 */
export async function request(
  replies: Replies,
  subject: string,
  bytes: Uint8Array,
  timeoutMs: number,
): Promise<Uint8Array> {
  const answer = await replies.ask(subject, bytes, timeoutMs);
  if (isNobodyThere(answer)) throw new BusError('no-responder', `nobody serves ${subject}`);
  const error = answer.headers?.get(SERVICE_ERROR);
  if (error === serviceErrors.busy) throw new BusError('busy', `who serves ${subject} has too many requests`);
  if (error) throw new BusError('handler-failed', `who serves ${subject} could not answer`);
  return answer.data;
}
