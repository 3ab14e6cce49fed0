import { type Evidence, LIMITS, newId, SYSTEM, type wire } from '@entente/contract';
import { type Sealed, sealStatement } from '@entente/seal';
import { type Justified, justify } from './justifications.js';
import type { Edge } from './state.js';

type About = wire.StatementFrame['about'][number];

/** Between whom, and in which case: what a statement's header says beside the statement. */
export interface Between {
  readonly caseId: string;
  readonly ownRole: string;
  readonly other: string;
  readonly otherRole: string;
}

/** Sealed evidence about a message that this member received. */
export async function sealEvidence(
  edge: Edge,
  { header, messageHash }: Sealed,
  evidence: Evidence,
  { code = '' }: { readonly code?: string } = {},
): Promise<SealedStatement> {
  const { caseId, from, fromRole, toRole, id } = header;
  const between = { caseId, ownRole: toRole, other: from, otherRole: fromRole };
  return await sealAbout(edge, between, evidence, [{ messageId: id, messageHash, code }]);
}

export interface SealedStatement {
  readonly id: string;
  /** An Envelope, encoded. */
  readonly envelope: Uint8Array;
  /** The moment that it names. */
  readonly atMs: number;
  /** 32 bytes. */
  readonly messageHash: Uint8Array;
}

/** Who says it, and why. */
export interface Speaker {
  readonly actor: string;
  readonly justified: Justified;
}

/** Most of what is said here no person says. */
const BY_ITSELF: Speaker = { actor: SYSTEM, justified: justify('') };

/**
 * One seal over what is said about up to 256 messages between these two.
 * @param momentMs that it names; without it, that of the seal
 * @throws ClockDiffers
 */
export async function sealAbout(
  edge: Edge,
  between: Between,
  evidence: Evidence,
  about: readonly About[],
  { actor, justified }: Speaker = BY_ITSELF,
  momentMs?: number,
): Promise<SealedStatement> {
  edge.clock.check();
  const nowMs = edge.now();
  const atMs = momentMs ?? nowMs;
  const draft = {
    profile: edge.profile,
    id: newId(),
    caseId: between.caseId,
    from: edge.member,
    fromRole: between.ownRole,
    to: between.other,
    toRole: between.otherRole,
    inReplyTo: about[0]?.messageId ?? '',
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + LIMITS.lifetimeMs,
    actor,
    justificationCommitment: justified.commitment,
  };
  const statement = { evidence, atMs, about: [...about] };
  const { envelope, messageHash } = await sealStatement(draft, statement, edge.signer);
  return { id: draft.id, envelope, atMs, messageHash };
}
