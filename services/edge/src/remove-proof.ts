import { wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { ReceivedRow } from './case-store.js';
import type { OutboxRow } from './outbox-row.js';
import { logErasure, type WhyErased } from './remove-content.js';
import type { Edge } from './state.js';

/**
 * What proves a message goes after its content: the seal with the facts, and the entries with salt and record. Who sent it to whom, and in which
 * roles, stays unsigned, and so does the answer to a repeat, which names it by its id and hash.
 *
 * INVARIANT: within a transaction of who calls it, as of its content.
 */
export function removeProofOfReceived(edge: Edge, { messageHash, passage }: ReceivedRow): void {
  const seal = remainsOfSeal(sealIn(passage));
  edge.cases.removeSeal(messageHash, wire.passage.encode({ envelope: { seal }, proofs: [] }));
}

/** The same of what was sent, with what gates and recipient said of it, and why it was sent. */
export function removeProofOfSent(edge: Edge, { id }: OutboxRow): void {
  edge.outbox.removeSeal(id);
  edge.evidence.strip(id);
  edge.justifications.forget(id);
}

/** Nothing is left of a message but that it was here, in the log of accesses. The same invariant. */
export function dropReceived(edge: Edge, { messageHash, caseId, id }: ReceivedRow, why: WhyErased): void {
  edge.cases.drop(messageHash);
  logErasure(edge, caseId, id, why);
}

export function dropSent(edge: Edge, { id, caseId }: OutboxRow, why: WhyErased): void {
  edge.evidence.drop(id);
  edge.forwards.drop(id);
  edge.outbox.drop(id);
  logErasure(edge, caseId, id, why);
}

/** Whether it is more than what an erasure leaves of a seal. */
export function isWhole(seal: Uint8Array): boolean {
  return seal.at(-1) !== DOT;
}

const DOT = '.'.charCodeAt(0);

export function sealIn(passage: Uint8Array): Uint8Array {
  return wire.passage.decode(passage).envelope?.seal ?? new Uint8Array();
}

function remainsOfSeal(seal: Uint8Array): Uint8Array {
  const { protocol, id, caseId, from, fromRole, to, toRole, actor } = readUnverifiedHeader(seal);
  const left = wire.header.encode({ protocol, id, caseId, from, fromRole, to, toRole, actor });
  return Buffer.from(`e30.${Buffer.from(left).toString('base64url')}.`);
}
