import { type Bus, BusError } from '@entente/bus';
import { BATCHING, type MemberId, nationOf, packBatch, subjects, type wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import {
  atMost,
  type ClockWatch,
  type Commit,
  type Gathering,
  gather,
  groupCommits,
  type Logger,
  type Quarantine,
  type SetAside,
  type SqlDatabase,
  sendTogether,
  type Telling,
  type Tracing,
  tellTogether,
} from '@entente/runtime';
import type { Decrypter, Pseudonymiser, Signer } from '@entente/seal';
import { type AccessLog, openAccessLog } from './access-log.js';
import { type Actors, openActors } from './actors.js';
import { type AnchorStore, openAnchorStore } from './anchor-access.js';
import { type CaseStore, openCaseStore } from './case-store.js';
import { type CheckedDrafts, rememberChecked } from './checked-drafts.js';
import { eachOnce } from './each-once.js';
import { type ErasedJournal, openErasedJournal } from './erased-journal.js';
import { type Erasures, openErasures } from './erasures.js';
import { type EvidenceBook, openEvidenceBook } from './evidence-book.js';
import { type Forwards, openForwards } from './forwards.js';
import { type HoldStore, openHoldStore } from './hold-store.js';
import { type IncompleteWays, openIncompleteWays } from './incomplete-ways.js';
import { type InspectionStore, openInspectionStore } from './inspection-store.js';
import { type Justifications, openJustifications } from './justifications.js';
import { type Arrived, type Kept, keepArrived, MOST_UNDER_ONE_SEAL } from './keep-arrived.js';
import { type KeptTimes, openKeptTimes } from './kept-times.js';
import { type LegalHolds, openLegalHolds } from './legal-holds.js';
import type { Meter } from './meter.js';
import { MOST_WAITING, type Outbox, openOutbox } from './outbox.js';
import { openRequestStore, type RequestStore } from './request-store.js';
import { type ShareAnswers, shareAnswers } from './share-answers.js';
import { openStatementStore, type StatementStore } from './statement-store.js';
import { createUnderWay, type UnderWay } from './under-way.js';
import { openUnsaidErasures, type UnsaidErasures } from './unsaid-erasures.js';

export interface EdgeDeps {
  readonly member: MemberId;
  readonly profile: wire.HeaderFrame['profile'];
  readonly directory: () => Directory;
  /** Looks whether there is a newer one. */
  readonly refreshDirectory: () => Promise<void>;
  readonly signer: Signer;
  readonly decrypters: readonly Decrypter[];
  readonly pseudonymise: Pseudonymiser;
  readonly db: SqlDatabase;
  readonly bus: Bus;
  readonly logger: Logger;
  /** Keeps what this edge cannot handle. */
  readonly quarantine: Quarantine;
  readonly setAside: SetAside;
  readonly meter: Meter;
  readonly tracing: Tracing;
  /** Whether one more message that is no emergency is taken on in this second, from this way in. */
  readonly mayTake: (way: string) => boolean;
  readonly now: () => number;
  /** Days for which seals, proofs and justifications are kept after the content of their message. */
  readonly proofDays: number;
  /** Days for which an entry of the log of accesses is kept after its day. */
  readonly accessDays: number;
  /** Of this edge's clock and its gate's. INVARIANT: while they differ, nothing is sealed, opened, ended or erased. */
  readonly clock: ClockWatch;
}

export interface Edge extends EdgeDeps {
  readonly outbox: Outbox;
  readonly underWay: UnderWay;
  readonly checkedDrafts: CheckedDrafts;
  readonly evidence: EvidenceBook;
  readonly ways: IncompleteWays;
  readonly cases: CaseStore;
  readonly holds: HoldStore;
  readonly statements: StatementStore;
  readonly forwards: Forwards;
  readonly legalHolds: LegalHolds;
  readonly keptTimes: KeptTimes;
  readonly erasures: Erasures;
  readonly unsaidErasures: UnsaidErasures;
  readonly journal: ErasedJournal;
  readonly actors: Actors;
  readonly justifications: Justifications;
  readonly access: AccessLog;
  readonly anchors: AnchorStore;
  readonly requests: RequestStore;
  readonly inspections: InspectionStore;
  /** Who asked which list last, and when: the same question again is no new access. */
  readonly searches: Map<string, number>;
  /** What is written in the hot path shares its sync of the disk. */
  readonly commit: Commit;
  /** To the gate, together with whatever else goes there now; resolves when it is stored there. */
  readonly send: (envelope: Uint8Array) => Promise<void>;
  /** The same for what declares an emergency, ahead of all else that waits for the gate. */
  readonly sendAhead: (envelope: Uint8Array) => Promise<void>;
  /** What arrives together is kept together, and answered under one seal. */
  readonly arrivals: Gathering<Arrived, Kept>;
  /** Says in the log which messages have come by here. */
  readonly passed: Telling;
  readonly preflights: ShareAnswers<wire.PreflightReplyFrame['verdicts']>;
}

/** No longer than the rules that an answer came from are looked at again. */
const PREFLIGHT_MS = 1000;

export function withStores(deps: EdgeDeps): Edge {
  const passed = tellTogether(deps.logger, 'passed');
  const underWay = createUnderWay();
  const checkedDrafts = rememberChecked(MOST_WAITING);
  const outbox = openOutbox(deps.db, ({ outcome, code, afterMs }, { id, messageHash }) => {
    underWay.ended(id, outcome === 'delivered');
    checkedDrafts.forget(id);
    deps.meter.ended(outcome, code, afterMs);
    passed.tell({ id, messageHash, outcome, code });
  });
  const ways = openIncompleteWays(deps.db, deps.member);
  const requests = openRequestStore(deps.db);
  deps.meter.watch({
    waiting: outbox.countWaiting,
    late: () => ({ ...outbox.countLate(deps.now(), nationOf(deps.member)), way: ways.countOverdue() }),
    usedUp: outbox.countUsedUp,
  });
  const send = sendTogether(
    (subject, bytes, traceparents) =>
      deps.bus.publish(subject, bytes, { timeoutMs: TIMEOUT_MS, traceparents }),
    { ...BATCHING, pack: (items) => packBatch(eachOnce(items)) },
    deps.tracing,
  );
  const edge: Edge = {
    ...deps,
    send: (envelope) => send(subjects.out(deps.member), envelope),
    sendAhead: (envelope) =>
      send(subjects.emergency(deps.member), envelope).catch(async (error: unknown) => {
        if (!hasNoSuchWay(error)) throw error;
        await send(subjects.out(deps.member), envelope);
      }),
    arrivals: gather((arrived) => keepArrived(edge, arrived), {
      fitting: atMost(MOST_UNDER_ONE_SEAL),
      everyMs: 5,
    }),
    outbox,
    underWay,
    checkedDrafts,
    passed,
    evidence: openEvidenceBook(deps.db, outbox, ways, deps.member, deps.now),
    ways,
    cases: openCaseStore(deps.db),
    holds: openHoldStore(deps.db),
    statements: openStatementStore(deps.db),
    forwards: openForwards(deps.db),
    legalHolds: openLegalHolds(deps.db),
    keptTimes: openKeptTimes(deps.db),
    erasures: openErasures(deps.db),
    unsaidErasures: openUnsaidErasures(deps.db),
    journal: openErasedJournal(deps.db),
    actors: openActors(deps.db, deps.pseudonymise, deps.now),
    justifications: openJustifications(deps.db, deps.now),
    access: openAccessLog(deps.db),
    anchors: openAnchorStore(deps.db, requests.find),
    requests,
    inspections: openInspectionStore(deps.db),
    searches: new Map(),
    commit: groupCommits(deps.db),
    preflights: shareAnswers(PREFLIGHT_MS, deps.now),
  };
  return edge;
}

/** The nation's server, or its gate, is older than this edge: the ordinary way is open. */
function hasNoSuchWay(error: unknown): boolean {
  return error instanceof BusError && (error.code === 'no-stream' || error.code === 'not-permitted');
}

export const TIMEOUT_MS = 4000;
