import {
  APPROVAL_REASON,
  acceptedSchema,
  checkFacts,
  EVIDENCE,
  type Facts,
  isEnvelopeId,
  isMemberId,
  LIMITS,
  Rejection,
  schemaNameOf,
  wire,
} from '@entente/contract';
import type { Sealed } from './open-seal.js';

/**
 * All that can be said of a header without a directory: ids, kind, profile, times, facts or statement.
 * Sender, roles and nations come after, with the directory.
 * @returns the facts of a referral or an update; null for evidence and approvals
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
  checkIds(header);
  checkTimes(header, expected.nowMs);
  if (hasContent(header)) return checkContent(header);
  if (header.kind === wire.Kind.KIND_EVIDENCE) return checkStatement(header);
  if (header.kind === wire.Kind.KIND_APPROVAL) return checkApproval(header);
  throw new Rejection('header-malformed', 'the kind of message is not known');
}

function checkIds(header: wire.HeaderFrame): void {
  const ids = [header.id, header.caseId, ...(header.inReplyTo === '' ? [] : [header.inReplyTo])];
  if (!ids.every(isEnvelopeId))
    throw new Rejection('id-malformed', 'message, case and reply ids are 32 hex digits');
  if (![header.from, header.to].every(isMemberId)) throw new Rejection('id-malformed');
  if (!/^[\w.:@-]{0,64}$/.test(header.actor))
    throw new Rejection('id-malformed', 'the actor is not a short pseudonym');
}

function checkTimes({ issuedAtMs, expiresAtMs }: wire.HeaderFrame, nowMs: number): void {
  if (!Number.isSafeInteger(issuedAtMs) || !Number.isSafeInteger(expiresAtMs) || expiresAtMs <= issuedAtMs) {
    throw new Rejection('header-malformed', 'the times of issue and expiry are not times');
  }
  if (issuedAtMs > nowMs + LIMITS.skewMs) throw new Rejection('not-yet-valid');
  if (expiresAtMs - issuedAtMs > LIMITS.lifetimeMs) throw new Rejection('lifetime-too-long');
  if (nowMs >= expiresAtMs) throw new Rejection('expired');
}

/** Referrals and updates: something is encrypted for the recipient, and facts tell a gate what. */
export function hasContent({ kind }: Pick<wire.HeaderFrame, 'kind'>): boolean {
  return kind === wire.Kind.KIND_REFERRAL || kind === wire.Kind.KIND_UPDATE;
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
  if (!acceptedSchema(schemaNameOf(facts), header.schemaSha256)) throw new Rejection('schema-unknown');
  return facts;
}

/** The shape of a rejection code. The word itself may be newer than this version. */
const CODE = /^[a-z-]{0,40}$/;

/** One message, released or not, for a reason of the closed list: what else there is to say stays with who says it. */
function checkApproval(header: wire.HeaderFrame): null {
  checkStatement(header, ['released', 'not-released']);
  const { about = [] } = header.statement ?? {};
  if (about.length !== 1 || !(APPROVAL_REASON as readonly string[]).includes(about[0]?.code ?? '')) {
    throw new Rejection('statement-malformed', 'an approval is about one message and gives its reason');
  }
  return null;
}

/** What a member may state; `held` and `released` are a gate's and an approval's. */
const STATED = EVIDENCE.filter((word) => !['held', 'released', 'not-released'].includes(word));

/** INVARIANT: no field of evidence can hold words of the sender's own; it passes gates without a rule. */
function checkStatement(header: wire.HeaderFrame, words: readonly string[] = STATED): null {
  const { statement, facts } = header;
  const known = words.includes(statement?.evidence ?? '');
  const abouts = statement?.about ?? [];
  if (!known || facts !== null || abouts.length < 1 || abouts.length > LIMITS.statementAbouts) {
    throw new Rejection('statement-malformed');
  }
  if (!abouts.every((about) => isEnvelopeId(about.messageId) && about.messageHash.length === 32)) {
    throw new Rejection('statement-malformed', 'a statement names each message by its id and hash');
  }
  if (!abouts.every((about) => CODE.test(about.code)) || !Number.isSafeInteger(statement?.atMs)) {
    throw new Rejection('statement-malformed', 'a code or the time of a statement is not in its form');
  }
  if ([header.schemaSha256, header.bodySha256, header.contentCommitment].some(({ length }) => length > 0)) {
    throw new Rejection('statement-malformed', 'evidence has no content');
  }
  return null;
}
