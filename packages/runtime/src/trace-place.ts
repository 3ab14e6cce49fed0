import { parseTraceparent, type TracePlace } from './parse-traceparent.js';

/**
 * The trace of a message and the span that all others are under, both out of the message's hash: every node that has the message
 * comes to the same without asking anybody, and whoever knows the hash finds the trace.
 * @param messageHash 32 bytes
 */
export function traceOf(messageHash: Uint8Array): TracePlace {
  const hex = Buffer.from(messageHash).toString('hex');
  return { traceId: hex.slice(0, 32), spanId: hex.slice(32, 48) };
}

/**
 * Under which span the work on a message stands: one that was named beside it, else the first of its trace.
 *
 * INVARIANT: what was carried never says which trace this is. A header that names another trace counts for nothing, so that nobody
 * can put a message into the trace of another, or have two of them look like one. Who lies about its own message makes a wrong
 * line in its own picture.
 */
export function placeUnder(messageHash: Uint8Array, carried: readonly string[]): TracePlace {
  const first = traceOf(messageHash);
  const named = carried.map(parseTraceparent).find((place) => place?.traceId === first.traceId);
  return named ?? first;
}
