import { type Event, Rejection, type Stage, type wire } from '@entente/contract';
import { checkEntry } from './check-entry.js';
import type { LedgerIdentity, VerifiedEntry } from './verify-entry.js';

export interface ExpectedPassage {
  /** The nation whose gate must have let it pass. */
  readonly nation: string;
  readonly stages: readonly Stage[];
  /** 32 bytes. */
  readonly messageHash: Uint8Array;
  readonly findLedger: (origin: string) => LedgerIdentity | undefined;
}

/** What a gate lets pass; an adoption or a rejection is no passage, whatever else its record says. */
const PASSAGES: readonly string[] = [
  'crossing',
  'evidence',
  'approval',
  'violation',
  'inspect',
] satisfies Event[];

/** Whether a record of this event can let anything pass. */
export function isPassage({ event }: Pick<wire.RecordFrame, 'event'>): boolean {
  return PASSAGES.includes(event);
}

/**
 * A proof counts only if the ledger is that nation's, the entry is this message's, and it permits this stage.
 * The facts need no comparison of their own: the record carries the seal, and the hash is the seal's.
 *
 * @throws Rejection `proof-missing`, `proof-wrong`
 */
export function checkPassage(entry: wire.EntryFrame | undefined, expected: ExpectedPassage): VerifiedEntry {
  const verified = checkEntry(entry, expected.findLedger);
  const { record, leaf } = verified;
  const isThisMessage = Buffer.from(record.messageHash).equals(expected.messageHash);
  const isThisStage =
    record.nation === expected.nation && (expected.stages as readonly string[]).includes(record.stage);
  if (
    !isPassage(record) ||
    !isThisMessage ||
    !isThisStage ||
    record.event !== leaf.event ||
    record.verdict?.decision !== 'permit'
  ) {
    throw new Rejection('proof-wrong');
  }
  return verified;
}
