import { LIMITS } from './limits.js';
import { Rejection } from './rejection.js';
import * as wire from './wire.js';

// Field 15 of a Batch, length-delimited. INVARIANT: no other frame of transit has such a field; a test compares.
const BATCH = 0x7a;
/** What an item takes beside its bytes: its tag and a length of three bytes. */
const AROUND = 4;

/** Frames as they travel together: one alone as itself. At most as many as `BATCHING.fitting` says. */
export function packBatch(items: readonly Uint8Array[]): Uint8Array {
  const [alone] = items;
  return alone && items.length === 1 ? alone : wire.batch.encode({ items });
}

/** What takes part in one batch, from the first item on: at least one, and no more than a batch holds. */
function countFitting(sizes: readonly number[]): number {
  let bytes = 0;
  const beyond = sizes.findIndex((size, i) => {
    bytes += size + AROUND;
    return i > 0 && (i >= LIMITS.batchItems || bytes > LIMITS.batch);
  });
  return beyond === -1 ? sizes.length : beyond;
}

/** How whoever sends puts them together. */
export const BATCHING = Object.freeze({ pack: packBatch, fitting: countFitting });

/**
 * The frames in a message of the bus, not decoded: whoever reads them decodes each by itself, so that one that is bad harms no
 * other. A batch in a batch is for its reader a frame with an unknown field.
 * @throws Rejection `too-large`, `frame-malformed`
 */
export function unpackBatch(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes[0] !== BATCH) return [bytes];
  const { items } = wire.batch.decode(bytes);
  if (items.length > LIMITS.batchItems)
    throw new Rejection('too-large', `a batch of ${items.length} frames, the limit is ${LIMITS.batchItems}`);
  return items;
}
