import { LIMITS, wire } from '@entente/contract';
import type { FindingCode } from './finding-code.js';
import { hex } from './hex.js';
import type { LogFault } from './read-log.js';

/** What a message can be on record as, by its kind; a refusal beside that. */
export const KINDS: Readonly<Record<string, readonly number[]>> = {
  crossing: [wire.Kind.KIND_REFERRAL, wire.Kind.KIND_UPDATE],
  evidence: [wire.Kind.KIND_EVIDENCE],
  violation: [wire.Kind.KIND_EVIDENCE],
  approval: [wire.Kind.KIND_APPROVAL],
  'access-anchor': [wire.Kind.KIND_ANCHOR],
  inspect: [wire.Kind.KIND_INSPECT],
};
/** Between a decision and its entry lie the way to the ledger and the two clocks' skew. */
export const DECIDED_WITHIN_MS = 2 * LIMITS.skewMs;

/**
 * What a gate that lies could have written, whatever the rules say.
 * @param timeMs of the leaf
 * @param hash of the record's seal
 */
export function checkRecord(
  index: number,
  timeMs: number,
  { event, verdict, decidedAtMs, messageHash }: wire.RecordFrame,
  { kind }: wire.HeaderFrame,
  hash: Uint8Array,
): LogFault[] {
  const faults: LogFault[] = [];
  const report = (code: FindingCode, detail: string) => void faults.push({ index, code, detail });
  if (hex(hash) !== hex(messageHash)) report('hash-mismatch', 'the message hash is not the one of the seal');
  if (KINDS[event]?.includes(kind) === false)
    report(
      'kind-mismatch',
      `a message of another kind was passed as "${event}", which the rules are not asked about`,
    );
  if (event === 'rejection' && verdict?.decision !== 'refuse')
    report('verdict-differs', 'a rejection that does not refuse');
  if (Math.abs(timeMs - decidedAtMs) > DECIDED_WITHIN_MS)
    report('decided-at-another-time', `decided at ${iso(decidedAtMs)}, logged at ${iso(timeMs)}`);
  return faults;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
