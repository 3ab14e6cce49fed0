import { isNobodyThere } from './answer.js';
import { BusError } from './error.js';
import { readHeaders } from './read-headers.js';
import type { Replies } from './replies.js';

/** The header of NATS's services for an error; its value is one of {@link serviceErrors}. */
export const SERVICE_ERROR = 'Nats-Service-Error-Code';
/** When the service answered, by its own clock: milliseconds since 1970. */
export const SERVICE_TIME = 'Entente-Time-Ms';
export const serviceErrors = { failed: '500', busy: '503' } as const;

/** @param theirMs what the clock of who answers said */
export type OnTime = (theirMs: number) => void;

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly traceparents?: readonly string[] | undefined;
  /** Called with each answer, a refusal among them, that says when it was given. */
  readonly onTime?: OnTime | undefined;
}

/**
 * Asks a service.
 * @throws BusError `no-responder`, `handler-failed`, `busy`, or what `Replies.ask` throws
 */
export async function request(
  replies: Replies,
  subject: string,
  bytes: Uint8Array,
  { timeoutMs, traceparents, onTime }: RequestOptions,
): Promise<Uint8Array> {
  const answer = await replies.ask(subject, bytes, timeoutMs, traceparents);
  const about = readHeaders(answer);
  const [said = ''] = about.valuesOf(SERVICE_TIME);
  if (TIME.test(said)) onTime?.(Number(said));
  if (isNobodyThere(answer)) throw new BusError('no-responder', `nobody serves ${subject}`);
  const [error] = about.valuesOf(SERVICE_ERROR);
  if (error === serviceErrors.busy) throw new BusError('busy', `who serves ${subject} has too many requests`);
  if (error) throw new BusError('handler-failed', `who serves ${subject} could not answer`);
  return answer.data;
}

const TIME = /^\d{1,15}$/;
