import { type ApprovalReason, LIMITS, nationOf, newId, wire } from '@entente/contract';
import { readUnverifiedHeader, sealStatement } from '@entente/seal';
import type { ApprovalRow, Decision, HoldRow } from './hold-store.js';
import { justify } from './justifications.js';
import type { Edge } from './state.js';

export interface Choice {
  readonly decision: Decision;
  readonly reason: ApprovalReason;
  readonly justification: string;
  /** A pseudonym of this edge. */
  readonly actor: string;
}

/** This member has decided otherwise before; the first word stands while it is on its way, and once a gate has logged it. */
export class AlreadyDecided extends Error {}

const LEAST_LIFETIME_MS = 3_600_000;

/**
 * Seals this member's word about a held message, for the gate that holds it, and keeps it until the gate's entry for it comes back.
 * The same choice again changes nothing, unless the gate has refused that word or its time is over: then it is given anew, for nobody has
 * logged it.
 * @throws AlreadyDecided, ClockDiffers
 */
export async function decideHold(edge: Edge, hold: HoldRow, choice: Choice): Promise<ApprovalRow> {
  const row = await sealApproval(edge, hold, choice);
  edge.db.transaction(() => {
    edge.holds.decide({
      ...row,
      decision: choice.decision,
      reason: choice.reason,
      justification: choice.justification,
    });
    edge.justifications.insert(row.messageHash, wire.envelope.decode(row.envelope).seal, row.justified);
  });
  const kept = edge.holds.decisionOn(row.aboutHash, row.nation) as ApprovalRow;
  if (kept.decision !== choice.decision || kept.reason !== choice.reason) throw new AlreadyDecided();
  return kept;
}

async function sealApproval(edge: Edge, { messageHash, role, entry, untilMs }: HoldRow, choice: Choice) {
  edge.clock.check();
  const { nation, seal } = wire.record.decode(entry.record);
  const held = readUnverifiedHeader(seal);
  const createdMs = edge.now();
  const expiresMs = Math.min(Math.max(untilMs, createdMs + LEAST_LIFETIME_MS), createdMs + LIMITS.lifetimeMs);
  // It must pass the gate that holds the message: on its way to the sender, or else to the recipient.
  const isOnTheWay = [edge.member, held.from].some((member) => nationOf(member) === nation);
  const justified = justify(choice.justification);
  const draft = {
    profile: edge.profile,
    id: newId(),
    caseId: held.caseId,
    from: edge.member,
    fromRole: role,
    to: isOnTheWay ? held.from : held.to,
    toRole: isOnTheWay ? held.fromRole : held.toRole,
    inReplyTo: held.id,
    issuedAtMs: createdMs,
    expiresAtMs: expiresMs,
    actor: choice.actor,
    justificationCommitment: justified.commitment,
  };
  const statement = {
    evidence: choice.decision === 'release' ? 'released' : 'not-released',
    atMs: createdMs,
    about: [{ messageId: held.id, messageHash, code: choice.reason }],
  };
  const sealed = await sealStatement(draft, statement, edge.signer, wire.Kind.KIND_APPROVAL);
  return { ...sealed, justified, aboutHash: messageHash, nation, id: draft.id, createdMs, expiresMs };
}
