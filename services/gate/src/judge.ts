import { nationOf, Rejection, type Role, rejectionWords, type Stage, wire } from '@entente/contract';
import { checkInspector, type Directory, type Member } from '@entente/members';
import { type Approver, decideCached, type Pack, type Party } from '@entente/policy';
import { checkHeader, type Sealed } from '@entente/seal';
import type { GateDeps } from './state.js';

/** What a gate makes of a message, before it is logged. */
export interface Judged {
  readonly event:
    | 'crossing'
    | 'evidence'
    | 'approval'
    | 'violation'
    | 'rejection'
    | 'access-anchor'
    | 'inspect';
  readonly verdict: Parameters<typeof wire.record.encode>[0]['verdict'];
  readonly pack: Pack;
  readonly directory: Directory;
  readonly alarm: boolean;
  /** What was asked beside the seal; crossings only. */
  readonly input: wire.DecisionInputFrame | null;
  /** INVARIANT: the day that the rules were asked about is the day of this moment, which the record names. */
  readonly decidedAtMs: number;
}

/**
 * Decides over an authenticated message. What the sender did wrong becomes a refusal with its code, so that it is logged
 * and answered like any other; what is our own fault is thrown, and the message is tried again: also that this gate's clock is not its ledger's.
 * @param approvals of those who may release this message, verified
 */
export function judge(
  gate: GateDeps,
  sealed: Sealed,
  stage: Stage,
  approvals: readonly Approver[] = [],
): Judged {
  // In the same moment as the time that the record will name.
  gate.clock.check();
  const view = viewOf(gate);
  try {
    return { ...decideOver(gate, view, sealed, stage, approvals), ...view };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return {
      ...REJECTED,
      verdict: { decision: 'refuse', code: error.code, reason: reasonOf(error) },
      ...view,
    };
  }
}

const REJECTED = { event: 'rejection', alarm: false, input: null } as const;

/** What is put on record about a message that this gate cannot handle: no rule is asked, and what failed is not done again. */
export function judgeAsPoison(gate: GateDeps): Judged {
  const view = viewOf(gate);
  const verdict = { decision: 'refuse', code: 'quarantined', reason: rejectionWords('quarantined') };
  return { ...REJECTED, verdict, ...view };
}

/** INVARIANT: one moment for all three: the pack's signature holds at the time, and under the directory, that the record will name. */
function viewOf(gate: GateDeps): View {
  const decidedAtMs = gate.now();
  return { pack: gate.packs.own(decidedAtMs).pack, directory: gate.directory(), decidedAtMs };
}

type View = Pick<Judged, 'pack' | 'directory' | 'decidedAtMs'>;

function decideOver(
  gate: GateDeps,
  { pack, directory, decidedAtMs }: View,
  sealed: Sealed,
  stage: Stage,
  approvals: readonly Approver[],
) {
  const { header } = sealed;
  const facts = checkHeader(sealed, { profile: gate.profile, nowMs: decidedAtMs });
  checkWay(gate, directory, header, stage, decidedAtMs);
  const from = partyOf(directory.member(header.from, decidedAtMs), header.fromRole);
  const to = partyOf(directory.member(header.to, decidedAtMs), header.toRole);
  // Statements pass without Cedar: a rule must not be able to hide that a message arrived.
  if (header.kind === wire.Kind.KIND_INSPECT) checkInspector(directory, header, decidedAtMs);
  if (facts === null) return passStatement(gate, header);
  const day = new Date(decidedAtMs).toISOString().slice(0, 10);
  const crossing = { nation: gate.nation, stage, from, to, facts, day, approvals };
  const { alarm = false, errors, ...verdict } = decideCached(pack, crossing);
  if (alarm)
    gate.logger.error({ id: header.id, errors }, 'ALARM: the pack failed on this message; it is refused');
  const input = { fromTypes: from.types, toTypes: to.types, approvals };
  return { event: 'crossing' as const, verdict, alarm, input };
}

const EVENTS: ReadonlyMap<number, 'approval' | 'access-anchor' | 'inspect'> = new Map([
  [wire.Kind.KIND_APPROVAL, 'approval'],
  [wire.Kind.KIND_ANCHOR, 'access-anchor'],
  [wire.Kind.KIND_INSPECT, 'inspect'],
]);

function passStatement(gate: GateDeps, header: wire.HeaderFrame) {
  const passed = { verdict: { decision: 'permit' }, alarm: false, input: null };
  const event = EVENTS.get(header.kind);
  if (event) return { ...passed, event };
  const { evidence, about = [] } = header.statement ?? {};
  const violated = about.filter(({ code }) => evidence === 'not-delivered' && code === 'facts-mismatch');
  if (violated.length === 0) return { ...passed, event: 'evidence' as const };
  // The recipient's word under its seal; whether it is true shows who may read the content.
  gate.logger.error(
    { messages: violated.map(({ messageId }) => messageId), sender: header.to, recipient: header.from },
    'ALARM: violation: the facts declared to the gates were not those of the content',
  );
  return { ...passed, event: 'violation' as const };
}

/** @throws Rejection `not-for-this-nation`, `no-counterpart` */
function checkWay(
  gate: GateDeps,
  directory: Directory,
  header: wire.HeaderFrame,
  stage: Stage,
  nowMs: number,
): void {
  const [from, to] = [nationOf(header.from), nationOf(header.to)];
  const own = stage === 'enter' ? to : from;
  if (own !== gate.nation || (stage === 'inside') !== (from === to))
    throw new Rejection('not-for-this-nation');
  if (from !== to && !directory.areCounterparts(from, to, nowMs)) throw new Rejection('no-counterpart');
}

/** @throws Rejection `role-not-held` */
export function partyOf(member: Member, role: string): Party {
  if (!(member.roles as readonly string[]).includes(role)) {
    throw new Rejection(
      'role-not-held',
      `${member.id} does not act as "${role.slice(0, 20)}"; it acts as ${member.roles.join(', ')}`,
    );
  }
  return { id: member.id, nation: member.nation, types: member.types, role: role as Role };
}

function reasonOf(error: Rejection): string {
  const words = rejectionWords(error.code);
  return error.message === words ? words : `${words} (${error.message})`;
}
