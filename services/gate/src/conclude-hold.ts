import { nationOf, Rejection, type Role, rejectionWords, wire } from '@entente/contract';
import type { Approver } from '@entente/policy';
import {
  messageHash as hashOfSeal,
  isSealAlone,
  openSeal,
  readUnverifiedHeader,
  type Sealed,
} from '@entente/seal';
import type { Step } from './act.js';
import { type Judged, judge, partyOf } from './judge.js';
import { record } from './record.js';
import type { GateDeps, Logged, Recorded } from './state.js';

const MINUTE_MS = 60_000;

/**
 * Whether a held message still waits. A refusal by one who may release it ends the hold at once; releases are put before the
 * rules again; what nobody decides in time is returned.
 *
 * INVARIANT: the ledger keeps one end of each hold, the first. Two that decide at once, and two gates, come to the same.
 * @returns the entry that counts now: the hold itself while it waits
 */
export async function concludeHold(gate: GateDeps, step: Step, logged: Recorded): Promise<Logged> {
  if (logged.record.verdict?.decision !== 'hold') return logged;
  if (logged.later) return logged.later;
  const end = findEnd(gate, step, logged);
  return end ? await record(gate, step.sealed, step.stage, end.judged, end.step) : logged;
}

interface End {
  /** The hash of the approval in hex, or `overdue`. */
  readonly step: string;
  readonly judged: Judged;
}

function findEnd(
  gate: GateDeps,
  { sealed, stage, judged, envelope }: Step,
  logged: Recorded,
): End | undefined {
  const { awaits = [], holdMinutes = 0 } = logged.record.verdict ?? {};
  const words = logged.approvals.flatMap((entry) => readWord(gate, sealed, awaits, entry) ?? []);
  const refusal = words.find(({ isReleased }) => !isReleased);
  if (refusal) {
    const reason = `${rejectionWords('not-released')} (${refusal.role} of ${refusal.nation}: ${refusal.reason})`;
    return { step: refusal.step, judged: refused(judged, 'not-released', reason) };
  }
  const last = words.at(-1);
  // A seal alone cannot be released: what is kept here whole is, when its approval comes, or the sender's own repeat.
  if (last && !isSealAlone(sealed, envelope)) {
    const approvers = words.map(({ role, nation }) => ({ role, nation }));
    const again = judge(gate, sealed, stage, withoutRepeats(approvers));
    if (again.verdict?.decision !== 'hold') return { step: last.step, judged: again };
  }
  if (gate.now() < logged.leaf.timeMs + holdMinutes * MINUTE_MS) return undefined;
  return { step: 'overdue', judged: refused(judged, 'hold-overdue', rejectionWords('hold-overdue')) };
}

/** No rule was asked, so that what ended the hold is a rejection with its code. */
function refused(judged: Judged, code: string, reason: string): Judged {
  return { ...judged, event: 'rejection', verdict: { decision: 'refuse', code, reason }, input: null };
}

interface Word extends Approver {
  readonly isReleased: boolean;
  readonly reason: string;
  readonly step: string;
}

/**
 * What an approval says, if it counts: about this very message, by one whom the hold awaits, and who is neither its sender nor
 * its recipient. The gate checked its seal and its role when it was logged; key and role must hold today as well: whose key was stolen
 * and revoked since has not said it.
 */
function readWord(
  gate: GateDeps,
  { header, messageHash }: Sealed,
  awaits: readonly string[],
  { record: logged, leaf }: Logged,
): Word | undefined {
  const isPermitted = logged.event === 'approval' && leaf.event === 'approval';
  if (!isPermitted || logged.verdict?.decision !== 'permit') return undefined;
  const { kind, from, fromRole, statement } = readUnverifiedHeader(logged.seal);
  const about = statement?.about[0];
  const isAboutThis = about !== undefined && Buffer.from(about.messageHash).equals(messageHash);
  if (kind !== wire.Kind.KIND_APPROVAL || !isAboutThis) return undefined;
  if (from === header.from || from === header.to) return undefined;
  if (!awaits.includes(`${fromRole}@${nationOf(from)}`)) return undefined;
  if (!isStillTheirs(gate, logged.seal, leaf.timeMs, { from, fromRole })) return undefined;
  return {
    role: fromRole as Role,
    nation: nationOf(from),
    isReleased: statement?.evidence === 'released',
    reason: about.code,
    step: Buffer.from(hashOfSeal(logged.seal)).toString('hex'),
  };
}

function isStillTheirs(
  gate: GateDeps,
  seal: Uint8Array,
  loggedMs: number,
  { from, fromRole }: Pick<wire.HeaderFrame, 'from' | 'fromRole'>,
): boolean {
  const [directory, nowMs] = [gate.directory(), gate.now()];
  try {
    const { kid } = openSeal(seal, (named) => directory.findKey(named, loggedMs, nowMs));
    directory.checkSigner(kid, from, loggedMs, nowMs);
    return partyOf(directory.member(from, nowMs), fromRole).id === from;
  } catch (error) {
    if (error instanceof Rejection) return false;
    throw error;
  }
}

/** Two courts of one nation are one input of the decision. */
function withoutRepeats(approvers: readonly Approver[]): Approver[] {
  const byName = new Map(approvers.map((one) => [`${one.role}@${one.nation}`, one]));
  return [...byName.keys()].sort().flatMap((name) => byName.get(name) ?? []);
}
