import { createParts, type Delivery, type HandleParts, type Outcome } from '@entente/bus';
import {
  isForEmergencies,
  LIMITS,
  type MemberId,
  nationOf,
  Rejection,
  unpackBatch,
  wire,
} from '@entente/contract';
import { decryptWith, messageHash, readUnverifiedHeader } from '@entente/seal';
import { CROSSING_TYPE, checkAnswerable, deliver } from './act.js';
import { authenticateAcross } from './authenticate.js';
import { checkEntryOf } from './check-entry.js';
import { chooseLane } from './choose-lane.js';
import type { Hand } from './guard-ways.js';
import { checkEmergency, mayGoAhead, rememberEmergency } from './known-emergencies.js';
import { checkSigned } from './own-seals.js';
import { pass } from './pass.js';
import { kindOfSeal, refusePoison } from './refuse-poison.js';
import { mayResume, resumeHeld } from './resume-held.js';
import { FIRST, type GateDeps } from './state.js';
import { underLatest } from './under-latest.js';

/**
 * What another nation's gate sends on `cross.<own>.<other>.<member>`, or ahead of that on `cross-emergency.<own>.<other>`: one crossing,
 * or a batch of them inside one JWE. The interconnect may have made it up, kept it or sent it twice; its headers are not looked at.
 */
export async function fromNation(
  gate: GateDeps,
  { subject, data, message, redeliveries }: Delivery,
  handleParts: HandleParts = createParts(),
): Promise<Outcome> {
  const other = nationIn(subject);
  const queue = isForEmergencies(subject) ? 'nation-emergency' : 'nation';
  const hand = { queue, isAgain: redeliveries > 0 } as const;
  return await droppingRejected(gate, subject, async () => {
    const parties = { from: other, to: gate.nation, mid: subject };
    const plain = await decryptWith(gate.decrypters, data, CROSSING_TYPE, parties, LIMITS.transit);
    return await handleParts(message, unpackBatch(plain), (crossing) =>
      droppingRejected(gate, subject, () =>
        underLatest(gate, hand.isAgain, () => crossOrSetAside(gate, other, subject, crossing, hand)),
      ),
    );
  });
}

interface Coming extends Hand {
  /** Whether it came before. */
  readonly isAgain: boolean;
}

export const nationIn = (subject: string): string => subject.split('.')[2] ?? '';

/** Handles one crossing again that was kept as it is, out of the wrapping between gates. */
export async function crossAgain(gate: GateDeps, subject: string, crossing: Uint8Array): Promise<Outcome> {
  return await droppingRejected(gate, subject, () =>
    underLatest(gate, true, () => cross(gate, comingOn(subject), wire.crossing.decode(crossing))),
  );
}

async function crossOrSetAside(
  gate: GateDeps,
  other: string,
  subject: string,
  bytes: Uint8Array,
  hand: Coming,
): Promise<Outcome> {
  const crossing = wire.crossing.decode(bytes);
  const { passage } = crossing;
  // A repeat has later proofs beside the same envelope.
  const key = () => (passage?.envelope ? wire.envelope.encode(passage.envelope) : bytes);
  return await gate.setAside(
    { source: other, subject, bytes, key, kind: () => kindOfCrossing(crossing) },
    async () => {
      if (hand.isAgain && passage?.envelope) checkAnswerable(gate, other, messageHash(passage.envelope.seal));
      return await cross(gate, comingOn(subject, hand), crossing);
    },
    async () => {
      if (!passage?.envelope) return;
      const { envelope, proofs } = passage;
      const sealed = await authenticateAcross(gate, other, envelope, proofs);
      if (isForEmergencies(subject)) checkEmergency(sealed);
      await refusePoison(gate, { sealed, stage: 'enter', envelope });
    },
  );
}

function kindOfCrossing({ passage, answer }: wire.CrossingFrame): string {
  const envelope = passage?.envelope;
  if (envelope) return kindOfSeal(() => envelope.seal);
  return answer ? 'answer' : 'probe';
}

/** On which way a crossing came. */
interface Way {
  readonly other: string;
  readonly isAhead: boolean;
  readonly hand?: Hand;
}

function comingOn(subject: string, hand?: Hand): Way {
  return { other: nationIn(subject), isAhead: isForEmergencies(subject), ...(hand ? { hand } : {}) };
}

async function cross(
  gate: GateDeps,
  way: Way,
  { passage, answer, probe }: wire.CrossingFrame,
): Promise<Outcome> {
  if (passage?.envelope) return await passOn(gate, way, passage.envelope, passage.proofs);
  if (answer) await passAnswer(gate, way, answer);
  else if (probe && way.isAhead) throw new Rejection('not-an-emergency');
  else if (probe) await gate.probes.receive(way.other, probe);
  else throw new Rejection('frame-malformed', 'a crossing carries a passage, an answer or a probe');
  return 'done';
}

/** Nobody is told: that it came from the gate of that nation is not proved. */
async function droppingRejected(
  gate: GateDeps,
  subject: string,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    gate.meter.dropped('nation', error.code);
    // The meter counts each. A name in capitals is no member's.
    if (gate.mayNotify(nationIn(subject)))
      gate.logger.warn({ subject, code: error.code, detail: error.message }, 'refused, and not on record');
    return 'drop';
  }
}

async function passOn(
  gate: GateDeps,
  { other, ...way }: Way,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<Outcome> {
  const sealed = await authenticateAcross(gate, other, envelope, proofs);
  if (way.isAhead) {
    checkEmergency(sealed);
    if (!mayGoAhead(gate, sealed)) return 'drop';
  }
  const logged = await pass(gate, { stage: 'enter', envelope, sealed, proofs: proofs.slice(0, 1), ...way });
  if (mayResume(logged)) await resumeHeld(gate, sealed);
  return 'done';
}

/** Evidence of the other nation's gate: its entry about a message of one of our members, or one that waits for its release. */
async function passAnswer(gate: GateDeps, { other, isAhead }: Way, answer: wire.AnswerFrame): Promise<void> {
  const { record, leaf } = checkEntryOf(gate, other, answer);
  const header = readUnverifiedHeader(record.seal);
  const { from, to, id } = header;
  if (id !== answer.messageId)
    throw new Rejection('sender-mismatch', 'the evidence is about another message');
  // The entry carries the seal, so nobody can send one member the evidence of another's message.
  const isSender = from === answer.to && nationOf(from) === gate.nation;
  const isApprover = answer.to !== from && answer.to !== to && isAwaited(gate, record, answer);
  if (!isSender && !isApprover) {
    throw new Rejection('sender-mismatch', 'the evidence is not about a message of the member it is sent to');
  }
  // INVARIANT: nothing goes to a name that a counterpart has made up. What no stream takes comes again until it is too old, and whoever
  // can make up as many as it likes fills the queue of all nations with them.
  checkSigned(gate, record);
  const sealed = { header, messageHash: record.messageHash };
  if (isAhead && !mayGoAhead(gate, sealed)) throw new Rejection('not-an-emergency');
  if (record.verdict?.decision !== 'refuse') rememberEmergency(gate, sealed);
  const lane = chooseLane(gate, header, leaf.timeMs, isAhead);
  await gate.tracing.span(
    'gate.return',
    () => ({ message: record.messageHash, words: { 'message.id': id, stage: record.stage } }),
    () => deliver(gate, answer.to as MemberId, { answer }, lane),
  );
}

/** Whether the other nation holds this message until a member of ours, in a role that it has, releases it. */
function isAwaited(
  gate: GateDeps,
  { event, step, verdict }: wire.RecordFrame,
  answer: wire.AnswerFrame,
): boolean {
  const isHold = event === 'crossing' && step === FIRST && verdict?.decision === 'hold';
  if (!isHold || answer.evidence !== 'held') return false;
  const { nation, roles } = gate.directory().member(answer.to, gate.now());
  return nation === gate.nation && roles.some((role) => verdict.awaits.includes(`${role}@${nation}`));
}
