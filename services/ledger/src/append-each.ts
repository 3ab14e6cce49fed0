import { LIMITS, packBatch, unpackBatch } from '@entente/contract';

/** What an item takes beside its bytes, at most. */
const AROUND = 4;

/**
 * Answers a request for one append or for a batch of them, each for itself and in their order. What does not fit into one answer
 * is answered with nothing: its gate asks for it again alone, and gets the entry that is made now.
 * @throws Rejection if that is no batch
 */
export async function appendEach(
  request: Uint8Array,
  append: (request: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const replies = await Promise.all(unpackBatch(request).map(append));
  if (replies.length <= 1) return packBatch(replies);
  let room = LIMITS.batch;
  return packBatch(
    replies.map((reply) => {
      room -= reply.length + AROUND;
      return room >= 0 ? reply : NOTHING;
    }),
  );
}

const NOTHING = new Uint8Array();
