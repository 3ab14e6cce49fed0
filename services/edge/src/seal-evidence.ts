import { type Evidence, LIMITS, newId } from '@entente/contract';
import { type Sealed, sealStatement } from '@entente/seal';
import type { Edge } from './state.js';

/** Sealed evidence about a message that this member received: an Envelope, encoded. */
export async function sealEvidence(
  edge: Edge,
  { header, messageHash }: Sealed,
  evidence: Evidence,
  code = '',
): Promise<Uint8Array> {
  const atMs = edge.now();
  const draft = {
    profile: edge.profile,
    id: newId(),
    caseId: header.caseId,
    from: edge.member,
    fromRole: header.toRole,
    to: header.from,
    toRole: header.fromRole,
    inReplyTo: header.id,
    issuedAtMs: atMs,
    expiresAtMs: atMs + LIMITS.lifetimeMs,
    actor: '',
  };
  const statement = { evidence, atMs, about: [{ messageId: header.id, messageHash, code }] };
  const { envelope } = await sealStatement(draft, statement, edge.signer);
  return envelope;
}
