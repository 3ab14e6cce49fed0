import { type Content, Rejection, wire } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import { followRecall } from './accept-update.js';
import { hasRoom } from './case-room.js';
import { correctOnward } from './correct-onward.js';
import { hasCase, isParty } from './has-case.js';
import { sealAbout } from './seal-evidence.js';
import type { Edge } from './state.js';

/** A referral or an update that was opened and found right. */
export interface Arrived {
  readonly sealed: Sealed;
  readonly envelope: wire.EnvelopeFrame;
  readonly proofs: readonly wire.EntryFrame[];
  readonly content: Content;
  /** The content's JSON, as it was sealed. */
  readonly bytes: Uint8Array;
  readonly salt: Uint8Array;
}

/** The sealed evidence that answers a message, or why it was not kept. */
export type Kept = { readonly answer: Uint8Array } | { readonly failure: unknown };

/** How many messages one seal says to have arrived: evidence of one carries the names of the others. */
export const MOST_UNDER_ONE_SEAL = 32;

const DAY_MS = 86_400_000;

/**
 * Keeps what arrived at the same time, each once, and says so to each sender under one seal.
 *
 * INVARIANT: a seal says "delivered" of no message that is not on disk: the messages under it are written in one transaction, and
 * it is sent after that. A crash before delivers them again; after, the repeat finds the case and its evidence.
 */
export async function keepArrived(edge: Edge, arrived: readonly Arrived[]): Promise<Kept[]> {
  try {
    return await keepTogether(edge, arrived);
  } catch (error) {
    // One that cannot be written takes no other with it.
    if (arrived.length === 1) return [{ failure: error }];
    const kept: Kept[] = [];
    for (const one of arrived) kept.push(...(await keepArrived(edge, [one])));
    return kept;
  }
}

async function keepTogether(edge: Edge, arrived: readonly Arrived[]): Promise<Kept[]> {
  const fates = new Map<string, Kept>();
  const fresh: Arrived[] = [];
  for (const one of arrived) {
    const fate = fates.get(hashOf(one)) ?? fateOf(edge, one, fresh);
    if (fate) fates.set(hashOf(one), fate);
    else if (!fresh.some((other) => hashOf(other) === hashOf(one))) fresh.push(one);
  }
  const said = await Promise.all(groupBySender(fresh).map((group) => sealDelivered(edge, group)));
  if (said.length > 0) await edge.commit(() => said.forEach((one) => void write(edge, one)));
  for (const { group, answer } of said) for (const one of group) fates.set(hashOf(one), { answer });
  for (const { content, sealed } of fresh) {
    edge.meter.received(content.category, content.update ?? '');
    edge.passed.tell({ id: sealed.header.id, messageHash: sealed.messageHash, step: 'received' });
  }
  return arrived.map((one) => fates.get(hashOf(one)) as Kept);
}

/** What is known of it already: that it is here, or that it must not be; undefined: it is new. */
function fateOf(edge: Edge, one: Arrived, others: readonly Arrived[]): Kept | undefined {
  const { sealed } = one;
  const { from, id, caseId } = sealed.header;
  const answer = edge.cases.answerTo(sealed.messageHash);
  if (answer) return { answer };
  const isUsed = others.some(
    ({ sealed: { header, messageHash } }) =>
      header.from === from && header.id === id && !Buffer.from(messageHash).equals(sealed.messageHash),
  );
  if (isUsed || edge.cases.hasId(from, id)) return { failure: new Rejection('id-reused') };
  const sameCase = others.find(({ sealed: { header } }) => header.caseId === caseId);
  // A new case is of who comes first, also where two come at once.
  const isTaken = hasCase(edge, caseId) || (sameCase?.sealed.header.from ?? from) !== from;
  if (isTaken && !isParty(edge, caseId, from)) return { failure: new Rejection('case-unknown') };
  if (!hasRoom(edge, one, others)) return { failure: new Rejection('rate-exceeded') };
  return undefined;
}

/** Between the same two, in the same roles: one statement is from one to one. What is said of emergencies speaks of nothing else, and goes ahead. */
function groupBySender(arrived: readonly Arrived[]): Arrived[][] {
  const groups = new Map<string, Arrived[]>();
  for (const one of arrived) {
    const { from, fromRole, toRole, facts } = one.sealed.header;
    const key = `${from} ${fromRole} ${toRole} ${facts?.urgency === 'emergency'}`;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}

interface Said {
  readonly group: readonly Arrived[];
  readonly answer: Uint8Array;
  readonly atMs: number;
}

async function sealDelivered(edge: Edge, group: readonly Arrived[]): Promise<Said> {
  const [{ header }] = group.map(({ sealed }) => sealed) as [Sealed];
  const between = {
    ...{ caseId: header.caseId, ownRole: header.toRole },
    ...{ other: header.from, otherRole: header.fromRole },
  };
  const about = group.map(({ sealed }) => ({
    ...{ messageId: sealed.header.id, messageHash: sealed.messageHash, code: '' },
  }));
  const { envelope, atMs } = await sealAbout(edge, between, 'delivered', about);
  return { group, answer: envelope, atMs };
}

function write(edge: Edge, { group, answer, atMs }: Said): void {
  const kept = group.length > 1 ? edge.cases.shareAnswer(answer) : answer;
  for (const { sealed, envelope, proofs, content, bytes, salt } of group) {
    const { id, from, caseId, inReplyTo, issuedAtMs } = sealed.header;
    edge.cases.insert({
      messageHash: sealed.messageHash,
      id,
      sender: from,
      caseId,
      category: content.category,
      action: content.action,
      content: Buffer.from(bytes).toString('utf8'),
      salt,
      passage: wire.passage.encode({ envelope, proofs }),
      answer: kept,
      // The moment that the evidence names: the clocks that run from delivery end at the same time at both ends.
      receivedMs: atMs,
      inReplyTo,
      updateWord: content.update ?? '',
      issuedMs: issuedAtMs,
      eraseMs: atMs + content.retention_days * DAY_MS,
    });
    // In the same transaction: a copy that has to go is never seen between two crashes.
    const about = { caseId, sender: from, id: content.update === undefined ? id : inReplyTo };
    followRecall(edge, about);
    if (content.update === 'correct') correctOnward(edge, about, id);
  }
}

function hashOf({ sealed }: Arrived): string {
  return Buffer.from(sealed.messageHash).toString('latin1');
}
