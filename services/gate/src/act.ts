import {
  BATCHING,
  crossEmergencySubject,
  crossSubject,
  evidenceOfVerdict,
  type MemberId,
  nationOf,
  type Stage,
  subjects,
  wire,
} from '@entente/contract';
import { NotNow, sendTogether } from '@entente/runtime';
import { encryptFor, hasContent, type PublicKey, type Sealed } from '@entente/seal';
import { chooseLane, type Lane, sendBy } from './choose-lane.js';
import { guardWays, type Hand } from './guard-ways.js';
import type { Judged } from './judge.js';
import { rememberEmergency } from './known-emergencies.js';
import { perGate } from './per-gate.js';
import { rememberHashes } from './remember-hashes.js';
import { type GateDeps, type Logged, TIMEOUT_MS } from './state.js';

export const CROSSING_TYPE = 'entente-crossing';

export interface Step {
  readonly stage: Stage;
  readonly envelope: wire.EnvelopeFrame;
  readonly sealed: Sealed;
  readonly judged: Judged;
  /** The proofs that came with the message. */
  readonly proofs: readonly wire.EntryFrame[];
  /** The message of the queue that it came with. */
  readonly hand?: Hand;
  /** Whether it came ahead of the others, and may. */
  readonly isAhead?: boolean;
}

/**
 * Does what the log says, and no more. Sending twice is harmless everywhere: the next gate finds its first entry, the
 * edge its case. A crash in between is mended by the redelivery.
 */
export async function act(gate: GateDeps, step: Step, logged: Logged): Promise<void> {
  const decision = logged.record.verdict?.decision ?? '';
  const permitted = decision === 'permit';
  if (decision !== 'refuse') rememberEmergency(gate, step.sealed);
  // Permitted then, but expired or revoked now: it is answered with what is logged, and goes no further.
  const stillGood = step.judged.event !== 'rejection';
  const forwarded =
    permitted && stillGood && !isForTheLog(step)
      ? gate.tracing.part('gate.forward', () => forward(gate, step, logged))
      : undefined;
  const answered = isAnswered(step)
    ? gate.tracing.part('gate.answer', () => answer(gate, step, logged))
    : undefined;
  const lacksAnswer = async (error: unknown): Promise<never> => {
    await forwarded;
    // What is held is not kept yet: when it comes again, it is.
    const isHeld = decision === 'hold';
    if (step.stage === 'enter' && !isHeld) unanswered(gate).add(step.sealed.messageHash);
    throw error;
  };
  await Promise.all([forwarded, answered?.catch(lacksAnswer)]);
}

/** Messages from other nations of which all is done but that their gate has not taken the answer. */
const unanswered = perGate((_: object) => rememberHashes());

/**
 * What lacks nothing but its answer is not looked up and forwarded again for a nation that takes none.
 * @throws BusError while nothing is sent to that nation, as it has not answered
 */
export function checkAnswerable(gate: Border, other: string, messageHash: Uint8Array): void {
  if (unanswered(gate).has(messageHash)) waysOf(gate).check(other);
}

/** An anchor has arrived when it is on record. */
function isForTheLog({ sealed }: Step): boolean {
  return sealed.header.kind === wire.Kind.KIND_ANCHOR;
}

/** Evidence is never answered by evidence. Who releases a message, or asks for something, learns from its own gate that it is on record. */
function isAnswered(step: Step): boolean {
  const { kind, statement } = step.sealed.header;
  const isAsked = kind === wire.Kind.KIND_INSPECT && statement?.inspection === 'asked';
  if (hasContent(step.sealed.header) || isForTheLog(step)) return true;
  return (kind === wire.Kind.KIND_APPROVAL || isAsked) && step.stage !== 'enter';
}

async function forward(
  gate: GateDeps,
  { stage, envelope, sealed, proofs, hand, isAhead }: Step,
  logged: Logged,
): Promise<void> {
  const { from, to } = sealed.header;
  const passage = { envelope, proofs: [...proofs, logged.frame] };
  const lane = chooseLane(gate, sealed.header, logged.leaf.timeMs, isAhead);
  if (stage === 'leave') await sendAcross(gate, nationOf(to), from, { passage }, { hand, lane });
  else await deliver(gate, to as MemberId, { passage }, lane);
}

/** A gate's evidence is its entry; the sender can always read why. */
export async function answer(
  gate: GateDeps,
  { stage, sealed, hand, isAhead }: Pick<Step, 'stage' | 'sealed' | 'hand' | 'isAhead'>,
  logged: Logged,
): Promise<void> {
  const { id, from } = sealed.header;
  const evidence = evidenceOfVerdict(stage, logged.record.verdict?.decision ?? '');
  const message = { evidence, messageId: id, messageHash: sealed.messageHash, to: from, entry: logged.frame };
  const lane = chooseLane(gate, sealed.header, logged.leaf.timeMs, isAhead);
  if (stage === 'enter') await sendAcross(gate, nationOf(from), 'gate', { answer: message }, { hand, lane });
  else await deliver(gate, from as MemberId, { answer: message }, lane);
}

/** What of a gate faces the other nations. */
type Border = Pick<GateDeps, 'nation' | 'directory' | 'cross' | 'now'>;

/** @throws BusError when the other nation's stream does not take it now, or did not a moment ago: the redelivery is the store-and-forward */
export async function sendAcross(
  gate: Border,
  to: string,
  member: string,
  crossing: Parameters<typeof wire.crossing.encode>[0],
  { hand, lane = 'ordinary' }: { readonly hand?: Hand | undefined; readonly lane?: Lane } = {},
): Promise<void> {
  const bytes = wire.crossing.encode(crossing);
  const ordinary = () => across(gate)(crossSubject(to, gate.nation, member), bytes);
  const ahead = () => across(gate)(crossEmergencySubject(to, gate.nation), bytes);
  await waysOf(gate).through(to, () => sendBy(lane, { ordinary, ahead }), hand);
}

/** One JWE for all that goes to one nation under one subject at the time. No trace goes with it: a nation's spans are its own. */
const across = perGate((gate: Border) =>
  sendTogether(async (subject, bytes) => {
    const [, to = ''] = subject.split('.');
    // It may have waited behind what was not answered.
    waysOf(gate).check(to);
    const parties = { from: gate.nation, to, mid: subject };
    const wrapped = await encryptFor(gateKeyOf(gate, to), bytes, CROSSING_TYPE, parties);
    const replyPrefix = `_R.${gate.nation}.${to}`;
    await gate.cross.publishAcross(subject, wrapped, { replyPrefix, timeoutMs: TIMEOUT_MS });
  }, BATCHING),
);

const waysOf = perGate(({ now }: Border) => guardWays(now));

/** The entry stands already: that the other gate has no valid key now is no fault of the sender, and the message comes again. */
function gateKeyOf(gate: Pick<GateDeps, 'directory' | 'now'>, nation: string): PublicKey {
  try {
    return gate.directory().gateKey(nation, gate.now());
  } catch (cause) {
    throw new NotNow(`the gate of ${nation} has no valid key now`, { cause });
  }
}

export function deliver(
  gate: GateDeps,
  to: MemberId,
  delivery: Parameters<typeof wire.delivery.encode>[0],
  lane: Lane = 'ordinary',
): Promise<void> {
  const bytes = wire.delivery.encode(delivery);
  const ordinary = () => inside(gate)(subjects.in(to), bytes);
  const ahead = () => inside(gate)(subjects.inEmergency(to), bytes);
  return sendBy(lane, { ordinary, ahead });
}

const inside = perGate(({ bus, tracing }: GateDeps) =>
  sendTogether(
    (subject, bytes, traceparents) => bus.publish(subject, bytes, { timeoutMs: TIMEOUT_MS, traceparents }),
    BATCHING,
    tracing,
  ),
);
