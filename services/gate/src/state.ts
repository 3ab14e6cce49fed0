import type { VerifiedEntry } from '@entente/audit';
import type { Bus } from '@entente/bus';
import type { wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import type { ClockWatch, Logger, Quarantine, SetAside, Tracing } from '@entente/runtime';
import type { Decrypter } from '@entente/seal';
import type { Meter } from './meter.js';
import type { Packs } from './packs.js';
import type { Probes } from './probes.js';

export interface GateDeps {
  readonly nation: string;
  readonly profile: wire.HeaderFrame['profile'];
  readonly directory: () => Directory;
  /** Looks for a newer one; who asks during a look waits for the next one, which sees what lay there when it was asked for. */
  readonly refreshDirectory: () => Promise<void>;
  /** So long after another a look that a message asks for begins, at the earliest; without it, a tenth of a second. */
  readonly lookEveryMs?: number;
  /** For so long at most what is in hand gives way to an emergency; without it, a quarter of a second. */
  readonly giveWayMs?: number;
  /** This nation's pack decides; those of other nations answer preflights. */
  readonly packs: Packs;
  /** Where what was decided by is kept for those who check the log. */
  readonly archiveDir: string;
  readonly decrypters: readonly Decrypter[];
  /** Inside the nation. */
  readonly bus: Bus;
  /** Towards the interconnect. */
  readonly cross: Bus;
  /** Servers that keep a copy of each stream. */
  readonly replicas: number;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly tracing: Tracing;
  /** Whether a member, and our own log about it or about another nation, may be told of one more refusal that is not on record. */
  readonly mayNotify: (source: string) => boolean;
  /** Whether one more message of a member is taken on in this second, by its subject. */
  readonly mayHandIn: (subject: string) => boolean;
  /** The same of its preflights. */
  readonly mayAsk: (subject: string) => boolean;
  /** Keeps what this gate cannot handle. */
  readonly quarantine: Quarantine;
  readonly quarantineDir: string;
  /** Days for which it is kept after it has expired. */
  readonly quarantineDays: number;
  readonly setAside: SetAside;
  readonly probes: Probes;
  readonly now: () => number;
  /** Of this gate's clock and its ledger's. INVARIANT: while they differ, nothing is judged, adopted or dropped. */
  readonly clock: ClockWatch;
}

/** An entry of this nation's log, checked, as the ledger gave it and as it reads. */
export interface Logged extends VerifiedEntry {
  readonly frame: wire.EntryFrame;
}

/** The first entry about a message, with what the log holds beside it if that is a hold. */
export interface Recorded extends Logged {
  /** What ended the hold. */
  readonly later: Logged | null;
  /** Entries about this message; who may release it is still to be checked. */
  readonly approvals: readonly Logged[];
  /** Where the entry refuses a message for its id: the first about the message that its sender has sent under that id. */
  readonly claimed: Logged | null;
}

export const FIRST = 'first';

export const TIMEOUT_MS = 4000;
