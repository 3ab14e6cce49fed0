import type { wire } from '@entente/contract';
import { hex } from './hex.js';
import type { LoggedEntry } from './read-log.js';

/** A message that a gate holds, of which its log shows no end. */
export interface WaitingHold {
  readonly nation: string;
  readonly id: string;
  /** Hex: by it who may release it names it. */
  readonly messageHash: string;
  /** Of the hold, or of the message where that comes first. */
  readonly until: string;
  /** Who may end it, as `court@NL`. */
  readonly awaits: readonly string[];
}

const MINUTE_MS = 60_000;

/** Takes entries in their order; a hold ends with the next entry of the same message and stage that is not its first. */
export function createWaitingHolds() {
  const waiting = new Map<string, WaitingHold & { readonly untilMs: number }>();
  return {
    visit: (nation: string, { leaf, record }: LoggedEntry, header: wire.HeaderFrame): void => {
      if (!record) return;
      const messageHash = hex(record.messageHash);
      const place = `${nation} ${record.stage} ${messageHash}`;
      const { decision, awaits = [], holdMinutes = 0 } = record.verdict ?? {};
      if (record.step !== 'first') waiting.delete(place);
      else if (record.event === 'crossing' && decision === 'hold') {
        const untilMs = Math.min(leaf.timeMs + holdMinutes * MINUTE_MS, header.expiresAtMs);
        const until = new Date(untilMs).toISOString();
        waiting.set(place, { nation, id: header.id, messageHash, until, awaits, untilMs });
      }
    },
    /** Those whose time is not over. */
    at: (nowMs: number): WaitingHold[] =>
      [...waiting.values()].filter(({ untilMs }) => untilMs > nowMs).map(({ untilMs: _, ...hold }) => hold),
  };
}

export function heldWords({ nation, id, messageHash, until, awaits }: WaitingHold): string {
  return `Message ${id} (${messageHash}) is held at the gate of ${nation} until ${until}, for ${awaits.join(', ')}`;
}
