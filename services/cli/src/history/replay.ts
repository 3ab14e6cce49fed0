import { LIMITS, nationOf, wire } from '@entente/contract';
import { type Crossing, decideCached, type Pack } from '@entente/policy';
import { messageHash, readUnverifiedHeader } from '@entente/seal';
import { isAboutMessage } from './about-message.js';
import { checkAnchor, type LoggedAnchor } from './check-anchor.js';
import { earlierHold } from './earlier-holds.js';
import { packFinder } from './find-pack.js';
import type { LogSource } from './log-source.js';
import { crossingOf } from './logged-crossing.js';
import { type LogFault, type LoggedEntry, type OnProgress, type ReadLog, readLog } from './read-log.js';

/** What deciding a whole log again has shown. */
export interface Decided {
  /** Decided again by the pack that each names, by what the log says was decided. */
  readonly crossings: { readonly permit: number; readonly refuse: number; readonly hold: number };
  /** What the rules are not asked about, by event. */
  readonly others: Readonly<Record<string, number>>;
  /** In the order of their first entry. */
  readonly packs: readonly { readonly sha256: string; readonly crossings: number }[];
  readonly faults: readonly LogFault[];
}

export interface Replay extends Omit<ReadLog, 'faults'>, Decided {
  readonly nation: string;
}

/**
 * Decides every logged crossing again, with the pack of that day and from the record alone: an entry that its pack would not
 * give is a fault. Signatures of seals are not checked here.
 */
export async function replayLog(source: LogSource, onProgress?: OnProgress): Promise<Replay> {
  const replayer = createReplayer(source);
  const read = await readLog(source, replayer.visit, onProgress);
  const decided = replayer.result();
  return { ...read, ...decided, nation: source.nation, faults: [...read.faults, ...decided.faults] };
}

/** Takes the entries of one log in their order. */
export function createReplayer(source: LogSource) {
  const findPack = packFinder(source.nation, source.archive);
  const state = { crossings: { permit: 0, refuse: 0, hold: 0 }, others: {}, packs: new Map(), faults: [] };
  const tally: Tally = {
    ...state,
    adopted: '',
    gone: 0,
    approvals: new Map(),
    anchors: new Map(),
    held: new Set(),
    source,
  };
  return {
    visit: (entry: LoggedEntry): void => replayEntry(tally, findPack, entry),
    result: (): Decided => ({
      crossings: tally.crossings,
      others: tally.others,
      packs: [...tally.packs].map(([sha256, crossings]) => ({ sha256, crossings })),
      faults: tally.faults,
    }),
  };
}

interface Tally {
  readonly source: LogSource;
  readonly crossings: { permit: number; refuse: number; hold: number };
  readonly others: Record<string, number>;
  readonly packs: Map<string, number>;
  readonly faults: LogFault[];
  adopted: string;
  /** Entries whose record is gone: what they held cannot speak for a later one. */
  gone: number;
  /** By the hash of the message they are about: who has released it, as `court@NL`. */
  readonly approvals: Map<string, string[]>;
  /** By member: what it last had put on record of its access log. */
  readonly anchors: Map<string, LoggedAnchor>;
  /** Hash and stage of what was held. */
  readonly held: Set<string>;
}

type FindPack = ReturnType<typeof packFinder>;

function replayEntry(tally: Tally, findPack: FindPack, { index, leaf, record }: LoggedEntry): void {
  if (!record) {
    tally.gone += 1;
    return;
  }
  const report = (code: string, detail: string) => void tally.faults.push({ index, code, detail });
  if (record.event !== 'crossing') tally.others[record.event] = (tally.others[record.event] ?? 0) + 1;
  if (record.event === 'adopt-pack') tally.adopted = hex(record.adoption?.sha256);
  if (!isAboutMessage(record)) return;
  try {
    const header = checkRecord(tally, leaf, record, report);
    if (record.event === 'approval') noteApproval(tally, header, record);
    if (record.event === 'access-anchor') checkAnchor(tally.anchors, header, report, tally.gone > 0);
    if (record.event === 'crossing') decideAgain(tally, findPack, record, report);
  } catch (error) {
    report('record-unreadable', (error as Error).message);
  }
}

type Report = (code: string, detail: string) => void;

const KINDS: Readonly<Record<string, readonly number[]>> = {
  crossing: [wire.Kind.KIND_REFERRAL, wire.Kind.KIND_UPDATE],
  evidence: [wire.Kind.KIND_EVIDENCE],
  violation: [wire.Kind.KIND_EVIDENCE],
  approval: [wire.Kind.KIND_APPROVAL],
  'access-anchor': [wire.Kind.KIND_ANCHOR],
  inspect: [wire.Kind.KIND_INSPECT],
};
/** Between a decision and its entry lie the way to the ledger and the two clocks' skew. */
const DECIDED_WITHIN_MS = 2 * LIMITS.skewMs;

/** What a gate that lies could have written, whatever the rules say. */
function checkRecord(
  { adopted }: Tally,
  leaf: wire.LeafFrame,
  record: wire.RecordFrame,
  report: Report,
): wire.HeaderFrame {
  const { event, seal, verdict, decidedAtMs, packSha256 } = record;
  const header = readUnverifiedHeader(seal);
  if (!Buffer.from(messageHash(seal)).equals(record.messageHash))
    report('hash-mismatch', 'the message hash is not the one of the seal');
  if (KINDS[event]?.includes(header.kind) === false)
    report(
      'kind-mismatch',
      `a message of another kind was passed as "${event}", which the rules are not asked about`,
    );
  if (event === 'rejection' && verdict?.decision !== 'refuse')
    report('verdict-differs', 'a rejection that does not refuse');
  if (hex(packSha256) !== adopted)
    report('pack-not-adopted', `decided by ${hex(packSha256).slice(0, 16)}…, which was not adopted last`);
  if (Math.abs(leaf.timeMs - decidedAtMs) > DECIDED_WITHIN_MS)
    report('decided-at-another-time', `decided at ${iso(decidedAtMs)}, logged at ${iso(leaf.timeMs)}`);
  return header;
}

function noteApproval({ approvals }: Tally, header: wire.HeaderFrame, { verdict }: wire.RecordFrame): void {
  if (verdict?.decision !== 'permit' || header.statement?.evidence !== 'released') return;
  for (const { messageHash: about } of header.statement.about) {
    const words = approvals.get(hex(about)) ?? [];
    approvals.set(hex(about), [...words, `${header.fromRole}@${nationOf(header.from)}`]);
  }
}

function decideAgain(tally: Tally, findPack: FindPack, record: wire.RecordFrame, report: Report): void {
  const sha256 = hex(record.packSha256);
  tally.packs.set(sha256, (tally.packs.get(sha256) ?? 0) + 1);
  const { decision = '' } = record.verdict ?? {};
  if (decision in tally.crossings) tally.crossings[decision as keyof Tally['crossings']] += 1;
  const crossing = crossingOf(record);
  checkApprovals(tally, crossing, record, report);
  const pack = findPack(sha256);
  const problem =
    typeof pack === 'string'
      ? { code: 'pack-missing', detail: pack }
      : { code: 'verdict-differs', detail: differences(pack, crossing, record.verdict) };
  if (problem.detail) report(problem.code, problem.detail);
}

/** INVARIANT: an approval in the question is one that the log holds, about this very message. */
function checkApprovals(
  { approvals, held, gone, source }: Tally,
  { approvals: asked = [] }: Crossing,
  { messageHash: hash, stage, step, verdict }: wire.RecordFrame,
  report: Report,
): void {
  const place = `${hex(hash)} ${stage}`;
  if (verdict?.decision === 'hold') held.add(place);
  if (asked.length === 0 || gone > 0) return;
  const counted = asked.map(({ role, nation }) => `${role}@${nation}`);
  const logged = approvals.get(hex(hash)) ?? [];
  const isWhole = counted.every((one) => logged.includes(one)) && step !== 'first' && held.has(place);
  if (isWhole) return;
  // It may have waited when the year ended: then the log before this one has its hold, and words about it.
  const earlier = earlierHold(source, hash, stage);
  if (!earlier) return;
  const invented = counted.find((one) => !logged.includes(one) && !earlier.released.includes(one));
  if (invented)
    report('approval-not-logged', `it counts a release by ${invented}, which the log does not hold`);
  if (step === 'first' || !(held.has(place) || earlier.held))
    report('approval-not-logged', 'it was released, but it was never held');
}

/** In words, what the pack says otherwise than the log; undefined: nothing. */
function differences(
  pack: Pack,
  crossing: Crossing,
  logged: wire.RecordFrame['verdict'],
): string | undefined {
  const decided = plain(decideCached(pack, crossing));
  const written = plain(logged ?? {});
  const parts = FIELDS.filter((field) => decided[field] !== written[field]);
  if (parts.length === 0) return undefined;
  return parts.map((part) => `${part}: logged ${written[part]}, the pack says ${decided[part]}`).join('; ');
}

const FIELDS = [
  'decision',
  'rules',
  'code',
  'reason',
  'obligations',
  'remedies',
  'awaits',
  'holdMinutes',
] as const;
type Field = (typeof FIELDS)[number];

const NOTHING = {
  decision: '',
  rules: [],
  code: '',
  reason: '',
  obligations: [],
  remedies: [],
  awaits: [],
  holdMinutes: 0,
};

function plain(verdict: object): Record<Field, string> {
  const whole: Record<Field, unknown> = { ...NOTHING, ...verdict };
  return Object.fromEntries(FIELDS.map((field) => [field, JSON.stringify(whole[field])])) as Record<
    Field,
    string
  >;
}

export function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
