import { checkEntry, type VerifiedEntry } from '@entente/audit';
import { nationOf, Rejection, type wire } from '@entente/contract';
import { checkHeader, messageHash, openSeal } from '@entente/seal';
import { boundTime } from './bound-time.js';
import type { Edge } from './state.js';

const MINUTE_MS = 60_000;

/**
 * A gate holds a message of others until this member has decided. What is to be decided is read from the entry and from the
 * sender's own seal; a gate cannot make up either.
 * @throws Rejection those of `openSeal` and `checkHeader`, `proof-missing`, `proof-wrong`, `role-not-held`, `rate-exceeded`
 */
export async function acceptHold(edge: Edge, { entry }: wire.AnswerFrame): Promise<void> {
  if (!entry) throw new Rejection('proof-missing');
  const { record, leaf } = verifyHold(edge, entry);
  const sealed = openSeal(record.seal, (kid) => edge.directory().findKey(kid, leaf.timeMs, edge.now()));
  const { from, to, expiresAtMs } = sealed.header;
  edge.directory().checkSigner(sealed.kid, from, leaf.timeMs, edge.now());
  checkHeader(sealed, { profile: edge.profile, nowMs: edge.now() });
  if ([from, to].includes(edge.member))
    throw new Rejection('sender-mismatch', 'nobody releases what it has sent or is to receive');
  // INVARIANT: a gate that is not on its way waits for nobody's word, and has nobody choose between it and the one that does.
  if (record.nation !== nationOf(record.stage === 'enter' ? to : from))
    throw new Rejection('proof-wrong', 'it is held by a nation that it does not pass');
  const { awaits = [], holdMinutes = 0 } = record.verdict ?? {};
  const role = awaitedRole(edge, awaits);
  // Of another gate it may have come, and been decided: that gate does not know of it.
  if (edge.holds.find(sealed.messageHash, record.nation)) return;
  if (!edge.holds.hasRoom(record.nation))
    throw new Rejection('rate-exceeded', `too much that ${record.nation} holds waits here`);
  const sinceMs = boundTime(leaf.timeMs, sealed.header.issuedAtMs, edge.now());
  edge.holds.insert({
    messageHash: sealed.messageHash,
    role,
    entry,
    sinceMs,
    // Whoever holds it says for how long, and nobody takes it after its own time.
    untilMs: Math.min(sinceMs + holdMinutes * MINUTE_MS, expiresAtMs),
  });
}

/** The first entry about this message in the log of the nation that holds it. */
function verifyHold(edge: Edge, entry: wire.EntryFrame): VerifiedEntry {
  const directory = edge.directory();
  const nationWith = (origin: string) =>
    [...directory.nations.keys()].find((nation) => directory.ledger(nation, origin) !== undefined) ?? '';
  const verified = checkEntry(entry, (origin) => directory.ledger(nationWith(origin), origin));
  const { record, leaf, origin } = verified;
  const isHold =
    record.nation === nationWith(origin) &&
    [record.event, leaf.event, record.step].join() === 'crossing,crossing,first' &&
    record.verdict?.decision === 'hold';
  if (!isHold || !Buffer.from(record.messageHash).equals(messageHash(record.seal))) {
    throw new Rejection('proof-wrong', 'the entry does not say that a message is held');
  }
  return verified;
}

function awaitedRole(edge: Edge, awaits: readonly string[]): string {
  const { roles } = edge.directory().member(edge.member, edge.now());
  const role = roles.find((held) => awaits.includes(`${held}@${nationOf(edge.member)}`));
  if (role === undefined) throw new Rejection('role-not-held', 'the hold does not wait for this member');
  return role;
}
