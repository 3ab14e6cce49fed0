import { setTimeout as delay } from 'node:timers/promises';
import { BusError } from './error.js';
import { isObject, type Json, jsApi } from './js-api.js';
import type { Replies } from './replies.js';

/** An acknowledgement takes its message out of the consumer before it takes it out of the stream; in a cluster, a little later. */
const LOOK_AGAIN_MS = 1000;

/**
 * What a damaged store can make of the only consumer of a work queue: one that lives, and never delivers what is there.
 * @param info of the consumer, from before
 * @returns what is wrong with it, for a log; nothing if it is well
 * @throws BusError what {@link jsApi} throws, or `bad-answer`
 */
export async function faultOf(replies: Replies, name: string, info: Json): Promise<string | undefined> {
  const [stream = ''] = name.split('.');
  const state = await stateOf(replies, stream);
  const delivered = numberIn(info.delivered, 'stream_seq');
  // The server lost the end of the stream but not the consumer's own file: it gives new messages numbers that the consumer believes
  // to have delivered.
  if (delivered > state.last)
    return `it has delivered message ${delivered} of a stream that ends at ${state.last}`;

  if (!isIdle(info) || state.messages === 0) return undefined;
  await delay(LOOK_AGAIN_MS);
  const later = await jsApi(replies, `CONSUMER.INFO.${name}`);
  const { messages, first } = await stateOf(replies, stream);
  // INVARIANT: `first` was there before the later look at the consumer and is after it, so it was neither delivered nor is it due.
  if (!isIdle(later) || messages === 0 || first !== state.first) return undefined;
  return `it has nothing to deliver and awaits nothing, and the stream holds ${messages} messages from ${first} on`;
}

const isIdle = (info: Json): boolean =>
  numberIn(info, 'num_pending') === 0 && numberIn(info, 'num_ack_pending') === 0;

async function stateOf(replies: Replies, stream: string) {
  const { state } = await jsApi(replies, `STREAM.INFO.${stream}`);
  return {
    messages: numberIn(state, 'messages'),
    first: numberIn(state, 'first_seq'),
    last: numberIn(state, 'last_seq'),
  };
}

function numberIn(value: unknown, field: string): number {
  const number = isObject(value) ? value[field] : undefined;
  if (typeof number === 'number') return number;
  throw new BusError('bad-answer', `an answer without ${field}`);
}
