import { randomBytes, randomFillSync } from 'node:crypto';

/** So many at a time: to ask for four thousand takes hardly longer than for sixteen. */
const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let drawn = POOL_BYTES;

/**
 * Random bytes that nobody can guess: for ids, salts and the like, of which each message needs a few. No key is made of them.
 * INVARIANT: no byte is handed out twice, and what was handed out is kept nowhere here.
 */
export function drawBytes(size: number): Buffer {
  if (size > POOL_BYTES) return randomBytes(size);
  if (drawn + size > POOL_BYTES) {
    randomFillSync(pool);
    drawn = 0;
  }
  const end = drawn + size;
  const bytes = Buffer.from(pool.subarray(drawn, end));
  pool.fill(0, drawn, end);
  drawn = end;
  return bytes;
}
