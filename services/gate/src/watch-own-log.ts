import { AuditError, parseProof, type VerifiedEntry, verifyEntry } from '@entente/audit';
import { wire } from '@entente/contract';
import { alarmOnChange } from '@entente/runtime';
import { perGate } from './per-gate.js';
import type { GateDeps } from './state.js';

/**
 * Whether the directory has a row for the log that this nation's ledger writes. Without one no proof of it counts anywhere, and
 * everything waits: a row that was forgotten when the log went on under another origin looks like this.
 */
export const watchOwnLog = perGate((gate: GateDeps) => {
  const find = (origin: string) => gate.directory().ledger(gate.nation, origin);
  let unnamed: { readonly frame: wire.EntryFrame; readonly timeMs: number } | undefined;
  let provedMs = Number.NEGATIVE_INFINITY;
  const say = alarmOnChange(
    gate.logger,
    'no row for the log of this ledger in the directory, or none for this time: nothing passes until the agency signs one',
    'the directory has a row for the log of this ledger again',
    () => ({ origin: unnamed && originOf(unnamed.frame) }),
  );
  const isNamed = (): boolean => {
    if (unnamed && isNamedIn(unnamed.frame, find)) unnamed = undefined;
    return unnamed === undefined;
  };
  return {
    /** As `verifyEntry` with the logs of this nation; what it finds is remembered. */
    verify: (frame: wire.EntryFrame): VerifiedEntry => {
      try {
        const entry = verifyEntry(frame, find);
        provedMs = Math.max(provedMs, entry.leaf.timeMs);
        if (unnamed && unnamed.timeMs <= provedMs) unnamed = undefined;
        return entry;
      } catch (error) {
        // An older entry than one that was proved is of a past log: its message waits, but nothing else.
        if (isAboutRow(error)) {
          const { timeMs } = wire.leaf.decode(frame.leaf);
          if (timeMs > provedMs) unnamed = { frame, timeMs };
        }
        throw error;
      }
    },
    isNamed,
    /** Says once when it ceases to be so, and once when it is so again. */
    tell: () => say(isNamed()),
  };
});

function isNamedIn(frame: wire.EntryFrame, find: Parameters<typeof verifyEntry>[1]): boolean {
  try {
    verifyEntry(frame, find);
    return true;
  } catch (error) {
    return !isAboutRow(error);
  }
}

const isAboutRow = (error: unknown): boolean =>
  error instanceof AuditError && (error.code === 'checkpoint-wrong-origin' || error.code === 'log-not-valid');

/** What its checkpoint claims. */
function originOf({ proof }: wire.EntryFrame): string {
  const { checkpoint } = parseProof(proof);
  return checkpoint.slice(0, checkpoint.indexOf('\n')).slice(0, 100);
}
