import { retryAsked } from '@entente/runtime';
import { isFault } from './accept-passage.js';
import { inTurn } from './quarantined.js';
import { receiveAgain } from './receive.js';
import type { Edge } from './state.js';

/** What an operator asked for is handled again. INVARIANT: what an order takes meanwhile is here, and goes with its case, or is still in quarantine. */
export async function retryQuarantined(
  edge: Edge,
  handle: (bytes: Uint8Array) => Promise<unknown> = (bytes) => receiveAgain(edge, bytes),
): Promise<void> {
  await retryAsked(
    { ...edge, isFault },
    ({ bytes }) => handle(bytes),
    (work) => inTurn(edge, work),
  );
}
