import type { wire } from '@entente/contract';
import { messageHash as hashOf } from '@entente/seal';
import { createFaultList, type SavedFaults } from './fault-list.js';
import { hex } from './hex.js';
import { maySay } from './may-say.js';
import type { LogFault, LoggedEntry } from './read-log.js';
import { createEndsOf, type SavedEndsOf } from './remember-ends.js';
import { SEVERAL } from './words-of-members.js';

export interface SavedSayers {
  readonly ends: SavedEndsOf;
  readonly faults: SavedFaults;
}

/**
 * Holds what is said of each message against who may say it: the recipient, and of clocks the sender. A member with a key can have
 * evidence about a message of others put on record; whoever reads it in a log, and asks no more than its signature, would believe it.
 * Of messages that the log does not hold, or no more, it cannot be told.
 */
export function createSayers(saved?: SavedSayers) {
  const ends = createEndsOf(saved?.ends);
  const faults = createFaultList(saved?.faults, SEVERAL);
  return {
    /** @param header of the record's seal, where it can be read */
    visit: ({ index, record }: LoggedEntry, header: wire.HeaderFrame | undefined): void => {
      if (!record || !header) return;
      // INVARIANT: by the hash of its own seal. The one that the record names is the gate's word, which could give a message to others.
      if (record.event === 'crossing') ends.set(hashOf(record.seal), header);
      if (record.event !== 'evidence' && record.event !== 'violation') return;
      for (const { messageHash } of header.statement?.about ?? []) {
        const about = ends.get(messageHash);
        if (!about || maySay(header, about)) continue;
        const { from, statement } = header;
        const detail = `${from} says "${statement?.evidence}" of message ${hex(messageHash)}, and has no part in it: the log has it from ${about.from} to ${about.to}`;
        faults.add({ index, code: 'said-by-another', detail, saidBy: from });
      }
    },
    save: (): SavedSayers => ({ ends: ends.save(), faults: faults.save() }),
    faults: (): readonly LogFault[] => faults.list(),
  };
}
