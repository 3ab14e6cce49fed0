import { hash } from 'node:crypto';
import { drawBytes, type Facts, schemaNameOf, schemaToSealUnder, wire } from '@entente/contract';
import { encryptFor } from './encrypt.js';
import type { Signer } from './load-keys.js';
import type { PublicKey } from './public-key.js';
import { messageHash } from './verify-compact.js';

export const SEAL_TYPE = 'entente-seal';
export const BODY_TYPE = 'entente-body';
/** Another type than a content's: neither can be opened as the other. */
export const OPENED_TYPE = 'entente-opened';

/** What the sender decides of a header; the rest follows from the content. */
export interface Draft {
  readonly profile: wire.HeaderFrame['profile'];
  readonly id: string;
  readonly caseId: string;
  readonly from: string;
  readonly fromRole: string;
  readonly to: string;
  readonly toRole: string;
  readonly inReplyTo: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly actor: string;
  /** SHA-256(salt ‖ text), 32 bytes; without it, or empty, nobody has said why. */
  readonly justificationCommitment?: Uint8Array;
}

export interface SealedMessage {
  /** An Envelope, encoded. */
  readonly envelope: Uint8Array;
  /** SHA-256 of the seal's signing input, 32 bytes. */
  readonly messageHash: Uint8Array;
}

export interface SealedReferral extends SealedMessage {
  /** 16 bytes. Who has it and the content can show what was said; who has neither cannot test a guess. */
  readonly salt: Uint8Array;
}

/**
 * Encrypts content (JSON bytes that have passed their schema) for one recipient and signs the header over it: a referral, or
 * an update if the facts say so.
 * The commitment lets a court check later what was said, without a key: SHA-256(salt ‖ content).
 */
export async function sealReferral(
  draft: Draft,
  content: Uint8Array,
  facts: Facts,
  keys: { readonly signer: Signer; readonly recipient: PublicKey },
): Promise<SealedReferral> {
  const salt = drawBytes(16);
  const plaintext = wire.body.encode({ salt, content });
  const body = await encryptFor(keys.recipient, plaintext, BODY_TYPE, {
    from: draft.from,
    to: draft.to,
    mid: draft.id,
  });
  const header = wire.header.encode({
    ...draft,
    protocol: 1,
    kind: facts.update === '' ? wire.Kind.KIND_REFERRAL : wire.Kind.KIND_UPDATE,
    schemaSha256: schemaToSealUnder(schemaNameOf(facts), content),
    bodySha256: sha256(body),
    contentCommitment: commitmentOf(salt, content),
    facts,
  });
  return { ...(await sign(header, body, keys.signer)), salt };
}

export type StatementDraft = Partial<wire.StatementFrame> & Pick<wire.StatementFrame, 'atMs' | 'about'>;

/** Evidence, an approval or what else has no facts: the statement is in the header, there is no body. */
export async function sealStatement(
  draft: Draft,
  statement: StatementDraft,
  signer: Signer,
  kind: wire.HeaderFrame['kind'] = wire.Kind.KIND_EVIDENCE,
): Promise<SealedMessage> {
  const header = wire.header.encode({ ...draft, protocol: 1, kind, statement });
  return await sign(header, new Uint8Array(), signer);
}

/** The answer to an inspection: a message that was sealed before, with what it said, for the auditor's eyes. */
export async function sealOpened(
  draft: Draft,
  statement: StatementDraft,
  opened: wire.EvidenceMessageFrame,
  keys: { readonly signer: Signer; readonly recipient: PublicKey },
): Promise<SealedMessage> {
  const parties = { from: draft.from, to: draft.to, mid: draft.id };
  const plaintext = wire.evidenceMessage.encode(opened);
  const body = await encryptFor(keys.recipient, plaintext, OPENED_TYPE, parties);
  const kind = wire.Kind.KIND_INSPECT;
  const header = wire.header.encode({ ...draft, protocol: 1, kind, bodySha256: sha256(body), statement });
  return await sign(header, body, keys.signer);
}

export function commitmentOf(salt: Uint8Array, content: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([salt, content]));
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

async function sign(header: Uint8Array, body: Uint8Array, signer: Signer): Promise<SealedMessage> {
  const seal = Buffer.from(await signer.signCompact(header, SEAL_TYPE), 'latin1');
  return { envelope: wire.envelope.encode({ seal, body }), messageHash: messageHash(seal) };
}
