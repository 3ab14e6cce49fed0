import { BusError, type BusErrorCode } from '@entente/bus';
import type { wire } from '@entente/contract';
import { hasContent } from '@entente/seal';
import { isEmergency } from './known-emergencies.js';
import type { GateDeps } from './state.js';

/** Behind a gate there are two ways: the ordinary one, and one ahead of it for emergencies. */
export type Lane = 'ordinary' | 'ahead' | 'both';

/** Less than the time after which an edge sends a message again. */
const REPEAT_MS = 3000;

/**
 * What declares an emergency goes ahead; what comes again so goes the ordinary way as well, for an edge or a gate that is older than
 * that way does not look there. Evidence comes and goes on both.
 * @param sinceMs since when it is on record, by the clock of the ledger that has logged it
 * @param isAhead whether it came ahead, and may
 */
export function chooseLane(
  { now }: Pick<GateDeps, 'now'>,
  header: wire.HeaderFrame,
  sinceMs: number,
  isAhead = false,
): Lane {
  if (!hasContent(header)) return isAhead ? 'ahead' : 'ordinary';
  if (!isEmergency(header)) return 'ordinary';
  if (now() - sinceMs < REPEAT_MS) return 'ahead';
  return isAhead ? 'both' : 'ordinary';
}

/** There is no such way to an older server or another nation's older gate; or somebody has filled it. */
const NO_WAY: readonly BusErrorCode[] = ['no-stream', 'not-permitted', 'full'];

/** @throws what the ordinary way throws; what the way ahead throws, unless it takes nothing: then the ordinary way is taken */
export function sendBy(
  lane: Lane,
  { ordinary, ahead }: { readonly ordinary: () => Promise<void>; readonly ahead: () => Promise<void> },
): Promise<void> {
  if (lane === 'ordinary') return ordinary();
  return sendAhead(lane, ordinary, ahead);
}

async function sendAhead(
  lane: Lane,
  ordinary: () => Promise<void>,
  ahead: () => Promise<void>,
): Promise<void> {
  const orOrdinary = async (error: unknown) => {
    if (!(error instanceof BusError && NO_WAY.includes(error.code))) throw error;
    if (lane === 'ahead') await ordinary();
  };
  await Promise.all([ahead().catch(orOrdinary), ...(lane === 'both' ? [ordinary()] : [])]);
}
