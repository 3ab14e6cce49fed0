import { differences, requireSame } from './compare-config.js';
import { BusError } from './error.js';
import { configOf, infoUnlessMissing, isObject, isRefusal, type Json, jsApi } from './js-api.js';
import { checkPattern, checkStreamName } from './names.js';
import type { Replies } from './replies.js';

export interface ConsumerConfig {
  readonly durable: string;
  /** Which subjects of the stream; default all. The filters of one stream's consumers must not overlap. */
  readonly filterSubject?: string;
  /** Until an unsettled message is delivered again; at most 5 s, the default. */
  readonly ackWaitMs?: number;
  /** Messages delivered and not yet settled, those that wait for a retry included; default 65536. */
  readonly maxAckPending?: number;
}

const NANOS = 1_000_000;
export const MOST_ACK_WAIT_MS = 5000;
// A nation that cannot be reached leaves its messages waiting for their retry. They may not keep the others waiting.
const DEFAULT_ACK_PENDING = 65_536;

/**
 * Makes the durable pull consumer what it should be and checks that it is. To be called again after each reconnection:
 * the server may have come back with less than it had.
 * @throws BusError `config-mismatch` if the server runs it otherwise, or what {@link jsApi} throws
 */
export async function ensureConsumer(
  replies: Replies,
  stream: string,
  config: ConsumerConfig,
): Promise<void> {
  const asked = wireConfig(config);
  const name = `${checkStreamName(stream)}.${config.durable}`;
  const info = await infoUnlessMissing(replies, `CONSUMER.INFO.${name}`);
  if (info && (await isAhead(replies, stream, info))) await jsApi(replies, `CONSUMER.DELETE.${name}`);
  else if (info && differences(asked, configOf(info)).length === 0) return;
  const filter = config.filterSubject ? `.${config.filterSubject}` : '';
  const body = { stream_name: stream, config: asked };
  const made = await jsApi(replies, `CONSUMER.CREATE.${name}${filter}`, body).catch((cause: unknown) => {
    if (info && isRefusal(cause)) requireSame(`consumer ${name}`, asked, configOf(info), cause);
    throw cause;
  });
  requireSame(`consumer ${name}`, asked, configOf(made));
}

// A server that lost the end of a stream, but not the consumer's own file, gives new messages numbers that the
// consumer believes to have delivered: it never would.
async function isAhead(replies: Replies, stream: string, { delivered }: Json): Promise<boolean> {
  const { state } = await jsApi(replies, `STREAM.INFO.${stream}`);
  return numberIn(delivered, 'stream_seq') > numberIn(state, 'last_seq');
}

function numberIn(value: unknown, field: string): number {
  const number = isObject(value) ? value[field] : undefined;
  if (typeof number === 'number') return number;
  throw new BusError('bad-answer', `an answer without ${field}`);
}

function wireConfig({ durable, filterSubject, ackWaitMs, maxAckPending }: ConsumerConfig): Json {
  const ackWait = ackWaitMs ?? MOST_ACK_WAIT_MS;
  if (ackWait > MOST_ACK_WAIT_MS) throw new BusError('bad-config', `ack_wait over ${MOST_ACK_WAIT_MS} ms`);
  return {
    name: checkStreamName(durable),
    durable_name: durable,
    ...(filterSubject ? { filter_subject: checkPattern(filterSubject) } : {}),
    deliver_policy: 'all',
    ack_policy: 'explicit',
    replay_policy: 'instant',
    ack_wait: ackWait * NANOS,
    max_deliver: -1,
    max_ack_pending: maxAckPending ?? DEFAULT_ACK_PENDING,
    num_replicas: 0,
  };
}
