import * as wire from './wire.js';

export type {
  Accuracy,
  Action,
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
  Handling,
  HandlingCode,
  Instrument,
  LegalBasis,
  MemberType,
  Purpose,
  Role,
  Scope,
  Stage,
  Subject as SubjectKind,
  Urgency,
} from '../gen/vocabulary.js';
export {
  ACCURACY,
  ACTION,
  AGREEMENT,
  APPROVAL_REASON,
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
  HANDLING,
  HANDLING_CODE,
  INSTRUMENT,
  LEGAL_BASIS,
  MEMBER_TYPE,
  PURPOSE,
  ROLE,
  SCOPE,
  STAGE,
  SUBJECT,
  URGENCY,
} from '../gen/vocabulary.js';
export { computeFacts } from './compute-facts.js';
export { isPseudonym, listDataClasses, pseudonymiseContent, redactContent } from './data-classes.js';
export { checkFacts, type Facts, sameFacts } from './facts.js';
export { type EnvelopeId, isEnvelopeId, isMemberId, type MemberId, nationOf, newId } from './ids.js';
export { LIMITS } from './limits.js';
export { parseJson } from './parse-json.js';
export { REJECTIONS, Rejection, type RejectionCode, rejectionWords } from './rejection.js';
export { acceptedSchema, SCHEMAS, schemaHash } from './schemas.js';
export { crossSubject, memberToken, subjects } from './subjects.js';
export {
  type Content,
  parseContent,
  parseSubmission,
  type StatedClock,
  type Submission,
} from './validate-content.js';
export { wire };
