import { newId, wire } from '@entente/contract';
import { sealStatement } from '@entente/seal';
import { signerOf } from './hostile.js';
import type { TestNetwork } from './network.js';

export interface Claimed {
  readonly from: string;
  readonly fromRole: string;
  readonly to: string;
  readonly toRole: string;
  readonly kind: wire.HeaderFrame['kind'];
  readonly statement: Partial<wire.StatementFrame>;
}

/** A statement as whoever has a member's keys can seal it, past its edge. */
export async function sealedStatement(net: TestNetwork, { kind, statement, ...parties }: Claimed) {
  const nowMs = Date.now();
  const draft = {
    ...parties,
    ...{ profile: wire.Profile.PROFILE_TEST, id: newId(), caseId: newId(), inReplyTo: '', actor: '' },
    ...{ issuedAtMs: nowMs, expiresAtMs: nowMs + 3_600_000 },
  };
  const said = { about: [], ...statement, atMs: nowMs };
  const sealed = await sealStatement(draft, said, await signerOf(net.home, parties.from), kind);
  return { id: draft.id, ...sealed };
}
