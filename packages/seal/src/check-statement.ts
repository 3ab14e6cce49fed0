import {
  APPROVAL_REASON,
  EVIDENCE,
  INSPECT_REASON,
  INSPECTION,
  isEnvelopeId,
  LIMITS,
  Rejection,
  wire,
} from '@entente/contract';

/**
 * What has no facts: evidence, approvals, anchors of access logs, inspections.
 *
 * INVARIANT: no field of these can hold words of the sender's own; they pass gates without a rule.
 * @throws Rejection `statement-malformed`, `header-malformed`
 */
export function checkStatement(header: wire.HeaderFrame): null {
  const check = CHECKS.get(header.kind);
  if (!check) throw new Rejection('header-malformed', 'the kind of message is not known');
  checkForm(header);
  return check(header);
}

const CHECKS: ReadonlyMap<number, (header: wire.HeaderFrame) => null> = new Map([
  [wire.Kind.KIND_EVIDENCE, checkEvidence],
  [wire.Kind.KIND_APPROVAL, checkApproval],
  [wire.Kind.KIND_ANCHOR, checkAnchor],
  [wire.Kind.KIND_INSPECT, checkInspection],
]);

/** The shape of a rejection code. The word itself may be newer than this version. */
const CODE = /^[a-z-]{0,40}$/;

function checkForm({ kind, statement, facts, issuedAtMs }: wire.HeaderFrame): void {
  if (!statement || facts !== null) throw new Rejection('statement-malformed');
  const { about, atMs, access, inspection } = statement;
  if (about.length > LIMITS.statementAbouts) throw new Rejection('statement-malformed');
  if (!about.every(({ messageId, messageHash }) => isEnvelopeId(messageId) && messageHash.length === 32))
    throw new Rejection('statement-malformed', 'a statement names each message by its id and hash');
  const named = new Set(about.map(({ messageHash }) => Buffer.from(messageHash).toString('latin1')));
  if (named.size < about.length)
    throw new Rejection('statement-malformed', 'a statement names each message once');
  if (!about.every(({ code }) => CODE.test(code)))
    throw new Rejection('statement-malformed', 'a code is not in its form');
  // Clocks run from this time; that of issue is compared with the reader's own.
  if (!(Math.abs(atMs - issuedAtMs) <= LIMITS.skewMs))
    throw new Rejection('statement-malformed', 'the time of a statement is not that of its issue');
  const isOfKind =
    (access !== null) === (kind === wire.Kind.KIND_ANCHOR) &&
    (inspection !== '') === (kind === wire.Kind.KIND_INSPECT);
  if (!isOfKind) throw new Rejection('statement-malformed', 'it says what is of another kind');
}

/** What a member may state; `held` and `released` are a gate's and an approval's. */
const STATED: readonly string[] = EVIDENCE.filter(
  (word) => !['held', 'released', 'not-released'].includes(word),
);

function checkEvidence(header: wire.HeaderFrame): null {
  checkNoContent(header);
  const { evidence = '', about = [] } = header.statement ?? {};
  if (!STATED.includes(evidence) || about.length < 1) throw new Rejection('statement-malformed');
  return null;
}

/** One message, released or not, for a reason of the closed list: what else there is to say stays with who says it. */
function checkApproval(header: wire.HeaderFrame): null {
  checkNoContent(header);
  const { evidence = '', about = [] } = header.statement ?? {};
  if (!['released', 'not-released'].includes(evidence) || !isOneWith(about, APPROVAL_REASON))
    throw new Rejection('statement-malformed', 'an approval is about one message and gives its reason');
  return null;
}

/** Of 2³² entries: no proof is longer. */
const LONGEST_PROOF = 64;

/** A member's own log of accesses, as large as it is and as it was: whether the one continues the other shows who reads the log. */
function checkAnchor(header: wire.HeaderFrame): null {
  checkNoContent(header);
  const { evidence, about = [], access } = header.statement ?? {};
  const { size = 0, oldSize = 0, root = new Uint8Array(), consistency = [] } = access ?? {};
  const isProof = consistency.length <= LONGEST_PROOF && consistency.every(({ length }) => length === 32);
  const isAnchor = root.length === 32 && size > 0 && oldSize <= size && isProof;
  if (!isAnchor || evidence !== '' || about.length > 0 || header.from !== header.to)
    throw new Rejection('statement-malformed', "an anchor is of its sender's own log, and is for its gate");
  return null;
}

/** Why an edge does not open what an auditor asks for. */
const NOT_OPENED = ['erased', 'unknown', 'too-large'] as const;

function checkInspection(header: wire.HeaderFrame): null {
  const { evidence, about = [], inspection = '' } = header.statement ?? {};
  const reasons: Readonly<Record<string, readonly string[]>> = {
    asked: INSPECT_REASON,
    opened: [''],
    'not-opened': NOT_OPENED,
  };
  const isWord = (INSPECTION as readonly string[]).includes(inspection);
  if (!isWord || evidence !== '' || !isOneWith(about, reasons[inspection] ?? []))
    throw new Rejection('statement-malformed', 'an inspection is about one message and says why');
  if (inspection !== 'opened') return checkNoContent(header);
  const { schemaSha256, bodySha256, contentCommitment } = header;
  if (schemaSha256.length + contentCommitment.length > 0 || bodySha256.length !== 32)
    throw new Rejection('statement-malformed', 'what is opened has no other digest than that of its body');
  return null;
}

function isOneWith(about: wire.StatementFrame['about'], codes: readonly string[]): boolean {
  return about.length === 1 && codes.includes(about[0]?.code ?? '-');
}

function checkNoContent({ schemaSha256, bodySha256, contentCommitment }: wire.HeaderFrame): null {
  if ([schemaSha256, bodySha256, contentCommitment].some(({ length }) => length > 0))
    throw new Rejection('statement-malformed', 'evidence has no content');
  return null;
}
