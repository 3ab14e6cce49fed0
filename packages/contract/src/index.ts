import * as wire from './wire.js';

export type {
  Access,
  Accuracy,
  Action,
  Administration,
  Agreement,
  ApprovalReason,
  Category,
  Clock,
  ClockEnd,
  ClockKind,
  ClockStart,
  Criminality,
  DataClass,
  DataSought,
  Decision,
  ErasureReason,
  Event,
  Evidence,
  Force,
  Ground,
  Handling,
  HandlingCode,
  Inspection,
  InspectReason,
  Instrument,
  LegalBasis,
  MemberType,
  Purpose,
  RecallGround,
  Result,
  Role,
  Scope,
  Seen,
  Stage,
  Subject as SubjectKind,
  Update as UpdateWord,
  Urgency,
} from '../gen/vocabulary.js';
export {
  ACCESS,
  ACCURACY,
  ACTION,
  ADMINISTRATION,
  AGREEMENT,
  APPROVAL_REASON,
  BLOCK_LAYER,
  CATEGORY,
  CLOCK,
  CLOCK_END,
  CLOCK_KIND,
  CLOCK_START,
  CRIMINALITY,
  DATA_CLASS,
  DATA_SOUGHT,
  DECISION,
  ERASURE_REASON,
  EVENT,
  EVIDENCE,
  FORCE,
  GROUND,
  HANDLING,
  HANDLING_CODE,
  INSPECT_REASON,
  INSPECTION,
  INSTRUMENT,
  LEGAL_BASIS,
  MEMBER_TYPE,
  PURPOSE,
  RECALL_GROUND,
  RESULT,
  REVIEW_FINDING,
  ROLE,
  SCOPE,
  SEEN,
  STAGE,
  SUBJECT,
  SUCCESSION_REASON,
  UPDATE,
  URGENCY,
  USER_TOLD,
} from '../gen/vocabulary.js';
export { ACTOR, isActor, SYSTEM, UNNAMED } from './actor.js';
export { BATCHING, packBatch, unpackBatch } from './batch.js';
export { computeFacts } from './compute-facts.js';
export { pseudonymiseContent, redactContent } from './data-classes.js';
export { drawBytes } from './draw-bytes.js';
export { evidenceOfVerdict } from './evidence-of-verdict.js';
export { checkFacts, type Facts, sameFacts } from './facts.js';
export {
  asCorrected,
  type Followed,
  type FollowedItem,
  followReferral,
  inOrder,
  possibleUpdates,
  type Said,
  whyNot,
} from './follow-referral.js';
export {
  type EnvelopeId,
  isCaseName,
  isEnvelopeId,
  isMemberId,
  type MemberId,
  nationOf,
  newId,
} from './ids.js';
export { isReference, isResponsible, type Signoff } from './is-responsible.js';
export { LIMITS } from './limits.js';
export { isOrderReason, ORDER_REASON } from './order-reason.js';
export { NO_SIGNOFF, readSignoff } from './read-signoff.js';
export {
  REJECTION_TEXTS,
  Rejection,
  type RejectionCode,
  rejectionWords,
} from './rejection.js';
export { type SchemaFault, sayFault } from './say-fault.js';
export { schemaAt } from './schema-at.js';
export { acceptedSchema, schemaToSealUnder } from './schemas.js';
export { type KnownContent, setClocks, type TimedContent } from './set-clocks.js';
export {
  crossEmergencySubject,
  crossSubject,
  isForEmergencies,
  memberOfToken,
  memberToken,
  subjects,
  tokenIn,
} from './subjects.js';
export {
  type End,
  type ReferralState,
  TRANSITIONS,
} from './transitions.js';
export {
  type Content,
  checkContent,
  type ItemOutcome,
  parseContent,
  parseSealedContent,
  parseSubmission,
  type Referral,
  type StatedClock,
  type Submission,
  schemaNameOf,
  type Update,
  type UpdatedItem,
} from './validate-content.js';
export { wire };
