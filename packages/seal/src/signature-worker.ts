import { parentPort, workerData } from 'node:worker_threads';
import { claimsAt, type PlacedClaims } from './claim-slots.js';
import { signatureHolds } from './signature-holds.js';

// Nothing else is loaded here: a thread is to be there within milliseconds.
const memory = workerData as SharedArrayBuffer;
parentPort?.on('message', (placed: PlacedClaims) => {
  parentPort?.postMessage(claimsAt(memory, placed).map(signatureHolds));
});
