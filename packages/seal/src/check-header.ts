import {
  acceptedSchema,
  checkFacts,
  type Facts,
  isActor,
  isEnvelopeId,
  isMemberId,
  LIMITS,
  Rejection,
  ROLE,
  schemaNameOf,
  wire,
} from '@entente/contract';
import { checkStatement } from './check-statement.js';
import type { Sealed } from './open-seal.js';

/**
 * All that can be said of a header without a directory: ids, actor and commitment to why, kind, profile, times, facts or statement.
 * Sender, roles and nations come after, with the directory.
 * @returns the facts of a referral or an update; null for what has none
 * @throws Rejection `header-malformed`, `id-malformed`, `profile-wrong`, `not-yet-valid`, `expired`, `lifetime-too-long`,
 *   `schema-unknown`, `facts-malformed`, `statement-malformed`
 */
export function checkHeader(
  sealed: Sealed,
  expected: { readonly profile: number; readonly nowMs: number },
): Facts | null {
  const { header } = sealed;
  if (header.protocol !== 1)
    throw new Rejection('header-malformed', `protocol ${header.protocol} is not spoken here`);
  if (header.profile !== expected.profile) throw new Rejection('profile-wrong');
  checkNames(header);
  checkTimes(header, expected.nowMs);
  if (!hasContent(header)) return checkStatement(header);
  const facts = checkContent(header);
  if (!acceptedSchema(schemaNameOf(facts), header.schemaSha256)) throw new Rejection('schema-unknown');
  return facts;
}

/**
 * What of that stays true for ever: ids, facts or statement in their form, so that no field but content holds words of the sender's own.
 * @throws Rejection `header-malformed`, `id-malformed`, `facts-malformed`, `statement-malformed`
 */
export function checkForm(header: wire.HeaderFrame): void {
  checkNames(header);
  if (![header.fromRole, header.toRole].every(isRole))
    throw new Rejection('header-malformed', 'a role is not of the list');
  if (hasContent(header)) checkContent(header);
  else checkStatement(header);
}

/** Empty is what a member says that has no role: an anchor of its log. */
function isRole(word: string): boolean {
  return word === '' || (ROLE as readonly string[]).includes(word);
}

function checkNames(header: wire.HeaderFrame): void {
  const ids = [header.id, header.caseId, ...(header.inReplyTo === '' ? [] : [header.inReplyTo])];
  if (!ids.every(isEnvelopeId))
    throw new Rejection('id-malformed', 'message, case and reply ids are 32 hex digits');
  if (![header.from, header.to].every(isMemberId)) throw new Rejection('id-malformed');
  if (!isActor(header.actor))
    throw new Rejection('id-malformed', 'the actor is no pseudonym: "pn:" and 32 hex digits, or "system"');
  // Whatever they say: a commitment to why, or none.
  if (![0, 32].includes(header.justificationCommitment.length))
    throw new Rejection('header-malformed', 'a commitment to a justification has 32 bytes');
}

function checkTimes({ issuedAtMs, expiresAtMs }: wire.HeaderFrame, nowMs: number): void {
  if (!Number.isSafeInteger(issuedAtMs) || !Number.isSafeInteger(expiresAtMs) || expiresAtMs <= issuedAtMs) {
    throw new Rejection('header-malformed', 'the times of issue and expiry are not times');
  }
  if (issuedAtMs > nowMs + LIMITS.skewMs) throw new Rejection('not-yet-valid');
  if (expiresAtMs - issuedAtMs > LIMITS.lifetimeMs) throw new Rejection('lifetime-too-long');
  if (nowMs >= expiresAtMs) throw new Rejection('expired');
}

/** Whether something encrypted belongs to it: content, or what an inspection opens. */
export function hasBody(header: Pick<wire.HeaderFrame, 'kind' | 'bodySha256'>): boolean {
  return hasContent(header) || (header.kind === wire.Kind.KIND_INSPECT && header.bodySha256.length > 0);
}

/** Referrals and updates: something is encrypted for the recipient, and facts tell a gate what. */
export function hasContent({ kind }: Pick<wire.HeaderFrame, 'kind'>): boolean {
  return kind === wire.Kind.KIND_REFERRAL || kind === wire.Kind.KIND_UPDATE;
}

/** Whether only the seal came of a message that has a body: so an edge sends again what it has no body of any more. */
export function isSealAlone(
  { header }: { readonly header: Pick<wire.HeaderFrame, 'kind'> },
  { body }: Pick<wire.EnvelopeFrame, 'body'>,
): boolean {
  return hasContent(header) && body.length === 0;
}

function checkContent(header: wire.HeaderFrame): Facts {
  if (header.statement !== null) throw new Rejection('header-malformed', 'a referral carries no statement');
  const facts = checkFacts(header.facts);
  const isUpdate = header.kind === wire.Kind.KIND_UPDATE;
  if (isUpdate !== (facts.update !== '')) {
    throw new Rejection(
      'header-malformed',
      'the facts of an update say what it does, those of a referral do not',
    );
  }
  if (isUpdate && header.inReplyTo === '')
    throw new Rejection('header-malformed', 'an update names the referral that it is about');
  if (header.contentCommitment.length !== 32 || header.bodySha256.length !== 32) {
    throw new Rejection('header-malformed', 'a digest does not have 32 bytes');
  }
  return facts;
}
