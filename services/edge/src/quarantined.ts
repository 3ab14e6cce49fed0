import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { isEnvelopeId, LIMITS, SYSTEM } from '@entente/contract';
import { readCarriedHeader } from '@entente/seal';
import { logErasure, type WhyErased } from './remove-content.js';
import type { Edge } from './state.js';

/** A message in quarantine, and what it says of itself, which nothing proves. */
export interface Quarantined {
  /** Of its file. */
  readonly id: string;
  /** Both empty where it cannot be read. */
  readonly caseId: string;
  readonly messageId: string;
}

/** Later nobody accepts it any more: it was issued before it came. */
const OVER_MS = LIMITS.lifetimeMs + LIMITS.skewMs;

/** So many in one transaction, in which nothing else happens here. */
const AT_ONCE = 100;

/**
 * What this edge could not handle of one case, also what comes while the rest is read. Others have their turn meanwhile: ask `stillThere`
 * before anything is made of it.
 */
export async function quarantinedIn(edge: Edge, caseId: string): Promise<Quarantined[]> {
  const found: Quarantined[] = [];
  const read = new Set<string>();
  for (let before = -1; before < read.size; ) {
    before = read.size;
    for await (const one of keptUntil(edge, Number.MAX_VALUE, (id) => !read.has(id))) {
      read.add(one.id);
      if (one.caseId === caseId) found.push(one);
    }
  }
  return found;
}

/** Those of them that were not handled after all, nor dropped meanwhile: of what is not there no entry says that it went. */
export function stillThere({ quarantine }: Edge, found: readonly Quarantined[]): Quarantined[] {
  const ids = found.length === 0 ? undefined : quarantine.ids();
  return found.filter(({ id }) => ids?.has(id));
}

/** @param id of its file */
export function quarantinedAs({ quarantine }: Edge, id: string): Quarantined | undefined {
  const [found] = quarantine.keptUntil(Number.MAX_VALUE, (one) => one === id);
  return found && nameIt(found);
}

/** Until when each message in quarantine is kept, unless a legal hold on its case keeps it longer. */
export function* quarantinedUntil({ quarantine }: Edge) {
  for (const message of quarantine.keptUntil(Number.MAX_VALUE))
    yield { caseId: nameIt(message).caseId, untilMs: message.keptMs + OVER_MS };
}

/**
 * What has been in quarantine until it could not be accepted any more goes, but for cases on legal hold.
 * @throws ClockDiffers
 */
export async function endQuarantine(edge: Edge): Promise<void> {
  edge.clock.check();
  let over: Quarantined[] = [];
  for await (const one of keptUntil(edge, edge.now() - OVER_MS)) {
    if (!edge.legalHolds.find(one.caseId)) over.push(one);
    if (over.length < AT_ONCE) continue;
    await endAll(edge, over);
    over = [];
  }
  if (over.length > 0) await endAll(edge, over);
}

async function endAll(edge: Edge, over: readonly Quarantined[]): Promise<void> {
  const why = { actor: SYSTEM, detail: 'time-over', reference: 'in quarantine' } as const;
  await edge.quarantine.inTurn(async () => {
    const gone = await edge.commit(() => {
      edge.clock.check();
      // A hold may have been laid since it was read.
      const left = stillThere(edge, over).filter(({ caseId }) => !edge.legalHolds.find(caseId));
      logQuarantined(edge, left, why);
      return left;
    });
    await dropAll(edge, gone);
  });
}

export async function dropAll({ quarantine }: Edge, gone: readonly Quarantined[]): Promise<void> {
  for (const { id } of gone) {
    quarantine.drop(id);
    await othersHadTheirTurn();
  }
}

/** Before they are dropped: what goes has its entry, also where a crash comes between. */
export function logQuarantined(edge: Edge, over: readonly Quarantined[], why: WhyErased): void {
  for (const { caseId, messageId } of over) logErasure(edge, caseId, messageId, why);
}

/** One message in each turn of the event loop: there may be 256 MiB of them. */
async function* keptUntil(
  { quarantine }: Edge,
  ms: number,
  isWanted?: (id: string) => boolean,
): AsyncGenerator<Quarantined> {
  for (const message of quarantine.keptUntil(ms, isWanted)) {
    await othersHadTheirTurn();
    yield nameIt(message);
  }
}

function nameIt({
  id,
  subject,
  bytes,
}: {
  readonly id: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
}): Quarantined {
  const header = readCarriedHeader(subject, bytes);
  // It is in quarantine: that it cannot be read may be why.
  if (!header || !isEnvelopeId(header.caseId) || !isEnvelopeId(header.id))
    return { id, caseId: '', messageId: '' };
  return { id, caseId: header.caseId, messageId: header.id };
}
