import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Service } from '@entente/bus';
import { preflight } from './preflight.js';
import type { GateDeps } from './state.js';

/** Of one member, answered or waiting; what is beyond is told to come again. */
const SHARE = 256;

/**
 * Preflights are pushed here on the connection that everything else comes on, as fast as a member sends them. None has more than its
 * share in hand or more taken on in a second than `mayAsk` lets, and there is one in each turn of the event loop: one that asks very
 * much neither keeps the questions of the others waiting nor what they hand in.
 */
export function servePreflights(gate: GateDeps): Service {
  let turns = Promise.resolve();
  const answer = async (bytes: Uint8Array, subject: string) => {
    turns = turns.then(() => nextTurn());
    await turns;
    return await preflight(gate, bytes, subject);
  };
  return gate.bus.serve('gate.preflight.*', answer, {
    // Of several gates one answers.
    queue: 'gate',
    now: gate.now,
    maxOfOneSubject: SHARE,
    // Who asks for what no directory names waits for the next look: one member fills no more than a quarter.
    maxInFlight: 4 * SHARE,
    mayTake: gate.mayAsk,
    onBusy: gate.meter.deferred,
  });
}
