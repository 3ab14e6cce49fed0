import { setTimeout as delay } from 'node:timers/promises';
import { type Json, jsApi, numberIn } from './js-api.js';
import type { Replies } from './replies.js';

/** An acknowledgement takes its message out of the consumer before it takes it out of the stream; in a cluster, a little later. */
const LOOK_AGAIN_MS = 1000;

/**
 * What a damaged store can make of the only consumer of a work queue: one that lives, and never delivers what is there.
 * @param name `STREAM.durable`
 * @param info of the consumer, from before
 * @returns what is wrong with it, for a log; nothing if it is well
 * @throws BusError what {@link jsApi} throws, or `bad-answer`
 */
export async function faultOf(replies: Replies, name: string, info: Json): Promise<string | undefined> {
  const state = await stateOf(replies, name);
  const delivered = numberIn(info.delivered, 'stream_seq');
  // The server lost the end of the stream but not the consumer's own file: it gives new messages numbers that the consumer believes
  // to have delivered.
  if (delivered > state.last)
    return `it has delivered message ${delivered} of a stream that ends at ${state.last}`;

  if (state.messages <= inConsumer(info) || (await forgotten(replies, name, state)) <= 0) return undefined;
  await delay(LOOK_AGAIN_MS);
  const later = await stateOf(replies, name);
  const count = later.first === state.first ? await forgotten(replies, name, later) : 0;
  if (count <= 0) return undefined;
  return `${count} of the ${later.messages} messages of its stream, from ${later.first} on, are neither due nor in hand`;
}

/**
 * How many messages of the stream its only consumer will never deliver.
 * INVARIANT: what was there before and is there after the consumer is asked was there then: it is due, or in hand, or forgotten.
 */
async function forgotten(replies: Replies, name: string, before: State): Promise<number> {
  const info = await jsApi(replies, `CONSUMER.INFO.${name}`);
  const after = await stateOf(replies, name);
  const removed = before.messages + (after.last - before.last) - after.messages;
  return before.messages - removed - inConsumer(info);
}

const inConsumer = (info: Json): number => numberIn(info, 'num_pending') + numberIn(info, 'num_ack_pending');

type State = Awaited<ReturnType<typeof stateOf>>;

async function stateOf(replies: Replies, name: string) {
  const { state } = await jsApi(replies, `STREAM.INFO.${name.slice(0, name.indexOf('.'))}`);
  return {
    messages: numberIn(state, 'messages'),
    first: numberIn(state, 'first_seq'),
    last: numberIn(state, 'last_seq'),
  };
}
