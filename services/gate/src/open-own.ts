import { nationOf, Rejection, type Stage, type wire } from '@entente/contract';
import { messageHash, readUnverifiedHeader, type Sealed } from '@entente/seal';
import { authenticate } from './authenticate.js';
import { LedgerRefusal, lookUp } from './ledger-client.js';
import { FIRST, type GateDeps } from './state.js';

/**
 * What one of this nation's members hands in. Of a message that has passed, or was refused, the key counts as it was then: its repeats are
 * answered also when that key has ended since. Nothing new passes by it, nor what is held: whoever checks the key behind this gate goes by
 * the entry that let it pass.
 * @throws Rejection those of `authenticate`; what `lookUp` throws: try again
 */
export async function openOwn(
  gate: GateDeps,
  envelope: wire.EnvelopeFrame,
): Promise<{ readonly sealed: Sealed; readonly stage: Stage }> {
  const sealed = await authenticateOwn(gate, envelope);
  return { sealed, stage: stageOf(gate, sealed.header.to) };
}

async function authenticateOwn(gate: GateDeps, envelope: wire.EnvelopeFrame): Promise<Sealed> {
  try {
    return await authenticate(gate, envelope, gate.now());
  } catch (error) {
    if (!(error instanceof Rejection) || error.code !== 'key-not-valid') throw error;
    const decidedMs = await decidedAtMs(gate, envelope.seal);
    if (decidedMs === undefined) throw error;
    // INVARIANT: all of it is checked again, so that a key which was revoked, or whose member was suspended, opens nothing.
    return await authenticate(gate, envelope, decidedMs);
  }
}

/** When the entry was made that lets it pass or refuses it; undefined: there is none. Of the seal nothing is believed. */
async function decidedAtMs(gate: GateDeps, seal: Uint8Array): Promise<number | undefined> {
  const stage = stageOf(gate, readUnverifiedHeader(seal).to);
  const about = { event: 'rejection', stage, step: FIRST, seal, messageHash: messageHash(seal) };
  try {
    const first = await lookUp(gate, { ...about, verdict: { decision: 'refuse' } });
    const { record, leaf } = first.later ?? first;
    return record.verdict?.decision === 'hold' ? undefined : leaf.timeMs;
  } catch (error) {
    if (!(error instanceof LedgerRefusal)) throw error;
    if (error.refusal === 'unknown') return undefined;
    // It is not said of what may have arrived that its key refused it.
    if (error.refusal === 'erased') throw new Rejection('expired', 'what the log held of it was erased');
    throw error;
  }
}

/** A recipient that cannot even be parsed is judged as one abroad: the judge refuses it, and that is logged. */
function stageOf(gate: GateDeps, to: string): Stage {
  try {
    return nationOf(to) === gate.nation ? 'inside' : 'leave';
  } catch {
    return 'leave';
  }
}
