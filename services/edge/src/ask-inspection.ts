import { type InspectReason, LIMITS, newId, wire } from '@entente/contract';
import { checkInspector } from '@entente/members';
import { readUnverifiedHeader, sealStatement } from '@entente/seal';
import { justify } from './justifications.js';
import type { Person } from './log-access.js';
import type { Edge } from './state.js';

/** What an auditor wants to see: a message that stands in its nation's log. */
export interface InspectionRequest {
  readonly of: string;
  readonly case_id: string;
  readonly message_id: string;
  /** Hex. */
  readonly message_hash: string;
  readonly reason: InspectReason;
}

const LIFETIME_MS = 7 * 86_400_000;

/**
 * Asks another edge of the nation to open a message. Gate and edge decide for themselves whether they let it.
 * @returns the id of the inspection
 * @throws Rejection `inspect-not-allowed`, `recipient-unknown`; ClockDiffers
 */
export async function askInspection(edge: Edge, asked: InspectionRequest, person: Person): Promise<string> {
  edge.clock.check();
  const createdMs = edge.now();
  const messageHash = Buffer.from(asked.message_hash, 'hex');
  const justified = justify(person.justification);
  const draft = {
    ...{ profile: edge.profile, id: newId(), caseId: asked.case_id, inReplyTo: asked.message_id },
    ...{ from: edge.member, fromRole: 'auditor', to: asked.of, actor: person.actor },
    toRole: edge.directory().member(asked.of, createdMs).roles[0] ?? '',
    issuedAtMs: createdMs,
    expiresAtMs: createdMs + Math.min(LIFETIME_MS, LIMITS.lifetimeMs),
    justificationCommitment: justified.commitment,
  };
  const statement = {
    atMs: createdMs,
    about: [{ messageId: asked.message_id, messageHash, code: asked.reason }],
    inspection: 'asked',
  };
  const sealed = await sealStatement(draft, statement, edge.signer, wire.Kind.KIND_INSPECT);
  const { seal } = wire.envelope.decode(sealed.envelope);
  checkInspector(edge.directory(), readUnverifiedHeader(seal), createdMs);
  const { id, expiresAtMs: expiresMs } = draft;
  await edge.commit(() => {
    edge.requests.insert({ id, ...sealed, kind: 'inspect', createdMs, expiresMs });
    edge.justifications.insert(sealed.messageHash, seal, justified);
    const { of: member, case_id: caseId, message_id: messageId, reason } = asked;
    edge.inspections.ask({ id, member, caseId, messageId, messageHash, reason, createdMs });
  });
  return id;
}
