import { LIMITS, newId, SYSTEM, wire } from '@entente/contract';
import { type Sealed, sealOpened, sealStatement } from '@entente/seal';
import type { Opening } from './open-commitment.js';
import type { Edge } from './state.js';

export interface InspectionAnswer {
  readonly id: string;
  /** An Envelope, encoded. */
  readonly envelope: Uint8Array;
  /** `opened`, `justification opened` where nothing else was, or why not. */
  readonly said: string;
}

/** The answer to an inspection: what was sealed, encrypted for that auditor, or why it cannot be shown. */
export async function sealAnswer(
  edge: Edge,
  { header }: Sealed,
  opening: Opening,
): Promise<InspectionAnswer> {
  edge.clock.check();
  const nowMs = edge.now();
  const draft = {
    ...{ profile: edge.profile, id: newId(), caseId: header.caseId, inReplyTo: header.id, actor: SYSTEM },
    ...{ from: edge.member, fromRole: header.toRole, to: header.from, toRole: header.fromRole },
    ...{ issuedAtMs: nowMs, expiresAtMs: nowMs + LIMITS.lifetimeMs },
  };
  const about = header.statement?.about.map((one) => ({ ...one, code: '' })) ?? [];
  if ('opened' in opening) {
    const recipient = edge.directory().encryptionKey(header.from, nowMs);
    const statement = { atMs: nowMs, about, inspection: 'opened' };
    const { envelope } = await sealOpened(draft, statement, opening.opened, {
      signer: edge.signer,
      recipient,
    });
    const said = opening.opened.opened ? 'opened' : 'justification opened';
    if (envelope.length <= LIMITS.envelope) return { id: draft.id, envelope, said };
  }
  const why = 'opened' in opening ? 'too-large' : opening.why;
  const statement = {
    atMs: nowMs,
    about: about.map((one) => ({ ...one, code: why })),
    inspection: 'not-opened',
  };
  const { envelope } = await sealStatement(draft, statement, edge.signer, wire.Kind.KIND_INSPECT);
  return { id: draft.id, envelope, said: why };
}
