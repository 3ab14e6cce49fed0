import { EVENT, nationOf, wire } from '@entente/contract';
import { isAboutMessage } from './about-message.js';
import { checkAnchor, type PlacedAnchor } from './check-anchor.js';
import { CLOCKS_DIFFER_MS } from './clocks-differ.js';
import { earlierHold } from './earlier-holds.js';
import { createFaultList, type SavedFaults } from './fault-list.js';
import type { FindingCode } from './finding-code.js';
import { headerIn } from './header-in.js';
import { hex } from './hex.js';
import { knownWord } from './known-word.js';
import type { LogSource } from './log-source.js';
import type { LogFault, LoggedEntry } from './read-log.js';
import { SEVERAL } from './words-of-members.js';

/** What deciding a whole log again has shown. */
export interface Decided {
  /** Decided again by the pack that each names, by what the log says was decided. */
  readonly crossings: { readonly permit: number; readonly refuse: number; readonly hold: number };
  /** What the rules are not asked about, by event; `other`: of no kind that is known here. */
  readonly others: Readonly<Record<string, number>>;
  /** In the order of their first entry. */
  readonly packs: readonly { readonly sha256: string; readonly crossings: number }[];
  /** Releases and anchors that what is erased may have spoken for. */
  readonly unknown: number;
  readonly faults: readonly LogFault[];
  /** What members say that does not hold, if it is they who have signed it: that is not asked here. */
  readonly words: readonly LogFault[];
}

/** What a replay keeps of the entries before. */
export interface SavedReplay {
  readonly crossings: Decided['crossings'];
  readonly others: Decided['others'];
  readonly packs: readonly (readonly [sha256: string, crossings: number])[];
  readonly faults: SavedFaults;
  /** What members say wrongly; an older state has it among the faults, where it stays. */
  readonly words?: SavedFaults;
  /** An older state has none. */
  readonly takenAnchors?: readonly string[];
  readonly adopted: string;
  readonly gone: readonly (readonly [event: string, last: Gone])[];
  readonly unknown: number;
  readonly approvals: readonly (readonly [hash: string, words: readonly string[]])[];
  /** Roots in hex. */
  readonly anchors: readonly (readonly [member: string, size: number, root: string, index: number])[];
  readonly held: readonly (readonly [place: string, index: number])[];
  readonly follows: boolean;
}

/** Takes the entries of one log in their order, and says what speaks against them together. */
export function createReplayer(source: LogSource, saved?: SavedReplay) {
  const tally: Tally = {
    source,
    crossings: { ...(saved?.crossings ?? { permit: 0, refuse: 0, hold: 0 }) },
    others: { ...saved?.others },
    packs: new Map(saved?.packs),
    faults: createFaultList(saved?.faults),
    words: createFaultList(saved?.words, SEVERAL),
    adopted: saved?.adopted ?? '',
    gone: new Map(saved?.gone),
    unknown: saved?.unknown ?? 0,
    approvals: new Map(saved?.approvals),
    anchors: new Map(
      saved?.anchors.map(([from, size, root, index]) => [
        from,
        { size, root: Buffer.from(root, 'hex'), index },
      ]),
    ),
    takenAnchors: new Set(saved?.takenAnchors),
    held: new Map(saved?.held),
    follows: saved?.follows ?? false,
  };
  return {
    visit: (entry: LoggedEntry): void => takeEntry(tally, entry),
    save: (): SavedReplay => ({
      ...{ crossings: { ...tally.crossings }, others: { ...tally.others }, packs: [...tally.packs] },
      ...{ faults: tally.faults.save(), words: tally.words.save() },
      ...{ adopted: tally.adopted, gone: [...tally.gone] },
      unknown: tally.unknown,
      anchors: [...tally.anchors].map(
        ([from, { size, root, index }]) => [from, size, hex(root), index] as const,
      ),
      takenAnchors: [...tally.takenAnchors],
      ...{ approvals: [...tally.approvals], held: [...tally.held], follows: tally.follows },
    }),
    result: (): Decided => ({
      crossings: tally.crossings,
      others: tally.others,
      packs: [...tally.packs].map(([sha256, crossings]) => ({ sha256, crossings })),
      unknown: tally.unknown,
      faults: tally.faults.list(),
      words: tally.words.list(),
    }),
  };
}

interface Gone {
  readonly index: number;
  readonly timeMs: number;
}

interface Tally {
  readonly source: LogSource;
  readonly crossings: { permit: number; refuse: number; hold: number };
  readonly others: Record<string, number>;
  readonly packs: Map<string, number>;
  readonly faults: ReturnType<typeof createFaultList>;
  /** Kept apart: however much members say, what speaks against the log is named. */
  readonly words: ReturnType<typeof createFaultList>;
  adopted: string;
  /** By event, of which the leaf still speaks: the last entry whose record is gone. What it held cannot speak for a later one. */
  readonly gone: Map<string, Gone>;
  unknown: number;
  /** By the hash of the message they are about: who has released it, as `court@NL`. */
  readonly approvals: Map<string, readonly string[]>;
  /** By member: what it last had put on record of its access log. */
  readonly anchors: Map<string, PlacedAnchor>;
  /** Hashes of the newest anchors that were taken or refused. */
  readonly takenAnchors: Set<string>;
  /** By hash and stage of what is held, until its hold ends: the entry that holds it. */
  readonly held: Map<string, number>;
  /** Its first entry names a log before it. */
  follows: boolean;
}

function takeEntry(tally: Tally, { index, leaf, record }: LoggedEntry): void {
  if (!record) {
    tally.gone.set(leaf.event, { index, timeMs: leaf.timeMs });
    return;
  }
  const report = (code: FindingCode, detail: string) => tally.faults.add({ index, code, detail });
  const { event, packSha256 } = record;
  if (event !== 'crossing') countOther(tally.others, event);
  if (event === 'log-opened' && index === 0) tally.follows = true;
  if (event === 'adopt-pack') tally.adopted = hex(record.adoption?.sha256);
  if (!isAboutMessage(record)) return;
  const pack = hex(packSha256);
  if (pack !== tally.adopted)
    report('pack-not-adopted', `decided by ${pack.slice(0, 16)}…, which was not adopted last`);
  if (event === 'approval') noteApproval(tally, record);
  if (event === 'crossing') takeCrossing(tally, index, pack, record, report);
  if (event === 'rejection' && headerIn(record)?.kind === wire.Kind.KIND_ANCHOR)
    remember(tally.takenAnchors, hex(record.messageHash));
  if (event === 'access-anchor') takeAnchor(tally, index, record, report);
}

function countOther(others: Tally['others'], event: string): void {
  const word = knownWord(EVENT, event);
  others[word] = (others[word] ?? 0) + 1;
}

type Report = (code: FindingCode, detail: string) => void;

function noteApproval({ approvals }: Tally, record: wire.RecordFrame): void {
  const header = headerIn(record);
  if (record.verdict?.decision !== 'permit' || header?.statement?.evidence !== 'released') return;
  for (const { messageHash: about } of header.statement.about) {
    const words = approvals.get(hex(about)) ?? [];
    approvals.set(hex(about), [...words, `${header.fromRole}@${nationOf(header.from)}`]);
  }
}

/** A year of more than a hundred members, each day: a flood of anchors fills no state. */
const MOST_ANCHORS = 2 ** 16;

function takeAnchor(tally: Tally, index: number, record: wire.RecordFrame, report: Report): void {
  const say = (code: FindingCode, detail: string, saidBy: string) =>
    tally.words.add({ index, code, detail, saidBy });
  const header = headerIn(record);
  if (!header) return;
  const late = lateFor(tally, record, header);
  if (late) {
    report(
      late,
      `an anchor of ${header.from} that no honest ledger takes then: its member has not gone back`,
    );
    return;
  }
  const lastGone = tally.gone.get('access-anchor')?.index ?? -1;
  if (!checkAnchor(tally.anchors, { index, header, lastGone }, say)) tally.unknown += 1;
}

/**
 * INVARIANT: a log cannot make a member go back. A member goes on once its anchor is on record, refused or too old; a gate that then logs
 * that anchor, or one of before once more, would have it that the member's log shrank.
 */
function lateFor(
  { takenAnchors }: Tally,
  { messageHash, decidedAtMs }: wire.RecordFrame,
  { expiresAtMs }: wire.HeaderFrame,
): FindingCode | undefined {
  if (takenAnchors.has(hex(messageHash))) return 'id-reused';
  remember(takenAnchors, hex(messageHash));
  return decidedAtMs >= expiresAtMs ? 'expired' : undefined;
}

function remember(taken: Set<string>, hash: string): void {
  taken.add(hash);
  if (taken.size > MOST_ANCHORS) taken.delete(taken.keys().next().value as string);
}

function takeCrossing(
  tally: Tally,
  index: number,
  pack: string,
  record: wire.RecordFrame,
  report: Report,
): void {
  tally.packs.set(pack, (tally.packs.get(pack) ?? 0) + 1);
  const { decision = '' } = record.verdict ?? {};
  if (Object.hasOwn(tally.crossings, decision)) tally.crossings[decision as keyof Tally['crossings']] += 1;
  const { approvals, held } = tally;
  const place = `${hex(record.messageHash)} ${record.stage}`;
  if (decision === 'hold') held.set(place, index);
  checkApprovals(tally, place, record, report);
  // A hold has one end: what follows it needs none of this.
  if (record.step !== 'first' && held.delete(place)) approvals.delete(hex(record.messageHash));
}

/** INVARIANT: an approval in the question is one that the log holds, about this very message. */
function checkApprovals(tally: Tally, place: string, record: wire.RecordFrame, report: Report): void {
  const { approvals, held, source, follows } = tally;
  const { messageHash: hash, stage, step, input } = record;
  const counted = (input?.approvals ?? []).map(({ role, nation }) => `${role}@${nation}`);
  if (counted.length === 0) return;
  const logged = approvals.get(hex(hash)) ?? [];
  const isHeld = step !== 'first' && held.has(place);
  if (isHeld && counted.every((one) => logged.includes(one))) return;
  // It may have waited when the year ended: then the log before this one has its hold, and words about it.
  const earlier = follows && !source.logs ? undefined : earlierHold(source, hash, stage);
  const invented = counted.find((one) => !logged.includes(one) && !earlier?.released.includes(one));
  const neverHeld = !(isHeld || (step !== 'first' && earlier?.held));
  const gaps = gapsFor(tally, place, record);
  const isUnknown = {
    word: invented && (!earlier || gaps.word),
    hold: neverHeld && step !== 'first' && (!earlier || gaps.hold),
  };
  if (isUnknown.word || isUnknown.hold) tally.unknown += 1;
  if (invented && !isUnknown.word)
    report('approval-not-logged', `it counts a release by ${invented}, which the log does not hold`);
  if (neverHeld && !isUnknown.hold) report('approval-not-logged', 'it was released, but it was never held');
}

/** Whether a word about this message, and its hold, can have been in entries that are gone; no older ones than the message itself. */
function gapsFor({ held, gone }: Tally, place: string, record: wire.RecordFrame) {
  const issuedAtMs = headerIn(record)?.issuedAtMs ?? 0;
  const isGoneSince = (event: string) => (gone.get(event)?.timeMs ?? -1) >= issuedAtMs - CLOCKS_DIFFER_MS;
  const heldAt = held.get(place);
  const word = gone.get('approval');
  return {
    // Nobody speaks of a hold before it is on record.
    word: heldAt === undefined ? isGoneSince('approval') : word !== undefined && word.index > heldAt,
    hold: isGoneSince('crossing'),
  };
}
