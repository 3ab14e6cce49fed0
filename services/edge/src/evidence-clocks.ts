import type { Content } from '@entente/contract';

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

export interface EvidenceClocks {
  readonly relayMs: number;
  readonly deliveryMs: number;
  readonly retrievalMs: number;
}

const USUAL = { relayMs: 12 * HOUR_MS, deliveryMs: 24 * HOUR_MS, retrievalMs: 36 * HOUR_MS };
const SHORTER = { relayMs: 2 * HOUR_MS, deliveryMs: 4 * HOUR_MS, retrievalMs: 8 * HOUR_MS };
const SHORTEST = { relayMs: HOUR_MS / 4, deliveryMs: HOUR_MS / 2, retrievalMs: HOUR_MS };

/**
 * By when each evidence about a message is due, from its issue (retrieval: from its delivery). The usual ones are those of the
 * e-CODEX and ETSI REM practice; where the law gives an hour, a day would be no clock.
 */
export function evidenceClocks({
  urgency,
  force,
  category,
}: Pick<Content, 'urgency' | 'force' | 'category'>): EvidenceClocks {
  if (urgency === 'emergency' || (force === 'order' && category === 'terrorist-content')) return SHORTEST;
  return urgency === 'urgent' || force === 'order' ? SHORTER : USUAL;
}

/** So many times its clock of delivery a message is sent again: what made it late has to be found and mended meanwhile. */
const TIMES = 3;

/**
 * How long after its issue a message expires whose sender says nothing else; what it is held for comes on top of it. What is said of a
 * referral keeps its worth: a recall that goes by itself nobody would send again after an hour and a half.
 */
export function usualLifetimeMs(content: Content): number {
  const { deliveryMs } = content.update === undefined ? evidenceClocks(content) : USUAL;
  return TIMES * deliveryMs;
}

/** After how long the notice is given again while nobody has acted; undefined: its table sets no such clock. */
export function repeatAfterMs({ clocks = [] }: Pick<Content, 'clocks'>): number | undefined {
  const clock = clocks.find((one) => one.clock === 'notice-repeat');
  return clock && clock.minutes * MINUTE_MS;
}

/** How long after its delivery a referral has to be looked at for the first time. */
export function firstLookMs(content: Content): number {
  return Math.min(evidenceClocks(content).retrievalMs, repeatAfterMs(content) ?? Number.POSITIVE_INFINITY);
}
