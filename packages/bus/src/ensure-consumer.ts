import { faultOf } from './check-consumer.js';
import { differences, requireSame } from './compare-config.js';
import { BusError } from './error.js';
import { configOf, infoUnlessMissing, isRefusal, type Json, jsApi } from './js-api.js';
import { checkStreamName } from './names.js';
import type { Replies } from './replies.js';

export interface ConsumerConfig {
  readonly durable: string;
  /** Until an unsettled message is delivered again; at most 5 s, the default. */
  readonly ackWaitMs?: number;
}

const NANOS = 1_000_000;
/** A consumer that is as before so soon after it was made anew: it is the stream. */
const SOON_AGAIN_MS = 60_000;
export const MOST_ACK_WAIT_MS = 5000;
// Messages delivered and not yet settled. A nation that cannot be reached leaves its own waiting for their retry: they may not keep the
// others waiting.
const MOST_ACK_PENDING = 65_536;

/**
 * Makes the durable pull consumer what it should be and checks that it is, and that it delivers. To be called again and again: a
 * server may come back with less than it had, or with a consumer that a damaged file made.
 * @param madeAnew when that was last done, by the monotonic clock, and to which
 * @returns why it had to be made anew, if it had
 * @throws BusError `config-mismatch` if the server runs it otherwise, `unreadable` if to make it anew did not help, or what
 *   {@link jsApi} throws
 */
export async function ensureConsumer(
  replies: Replies,
  stream: string,
  config: ConsumerConfig,
  madeAnew: Map<string, number>,
): Promise<BusError | undefined> {
  const asked = wireConfig(config);
  const name = `${checkStreamName(stream)}.${config.durable}`;
  const info = await infoUnlessMissing(replies, `CONSUMER.INFO.${name}`);
  const fault = info && (await faultOf(replies, name, info));
  if (fault && performance.now() - (madeAnew.get(name) ?? Number.NEGATIVE_INFINITY) < SOON_AGAIN_MS)
    throw new BusError('unreadable', fault);
  // Another gate of this nation may have done it already.
  if (fault) await infoUnlessMissing(replies, `CONSUMER.DELETE.${name}`);
  else if (info && differences(asked, configOf(info)).length === 0) return undefined;
  const body = { stream_name: stream, config: asked };
  const made = await jsApi(replies, `CONSUMER.CREATE.${name}`, body).catch((cause: unknown) => {
    if (info && isRefusal(cause)) requireSame(`consumer ${name}`, asked, configOf(info), cause);
    throw cause;
  });
  requireSame(`consumer ${name}`, asked, configOf(made));
  if (!fault) return undefined;
  madeAnew.set(name, performance.now());
  return new BusError('damaged', `made anew: ${fault}`);
}

function wireConfig({ durable, ackWaitMs }: ConsumerConfig): Json {
  const ackWait = ackWaitMs ?? MOST_ACK_WAIT_MS;
  if (ackWait > MOST_ACK_WAIT_MS) throw new BusError('bad-config', `ack_wait over ${MOST_ACK_WAIT_MS} ms`);
  return {
    name: checkStreamName(durable),
    durable_name: durable,
    deliver_policy: 'all',
    ack_policy: 'explicit',
    replay_policy: 'instant',
    ack_wait: ackWait * NANOS,
    max_deliver: -1,
    max_ack_pending: MOST_ACK_PENDING,
    num_replicas: 0,
  };
}
