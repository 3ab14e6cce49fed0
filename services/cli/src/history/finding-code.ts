import type { AuditCode, FaultCode } from '@entente/audit';
import type { RejectionCode } from '@entente/contract';

/**
 * What an audit finds in a log, beside what is wrong with its files (`FaultCode`), with a signed note (`AuditCode`) and with a
 * message's seal (`RejectionCode`). Each but `seal-unreadable` has its row in `docs/tampering.md`.
 */
export type LogFinding =
  // The history that it shows.
  | 'another-history'
  | 'rollback'
  | 'checkpoint-beyond'
  | 'checkpoint-mismatch'
  | 'checkpoints-malformed'
  | 'succession-broken'
  | 'log-not-in-policy'
  | 'quorum-missing'
  | 'witnesses-saw-more'
  // An entry, and its record.
  | 'leaf-malformed'
  | 'time-goes-back'
  | 'record-missing'
  | 'record-mismatch'
  | 'record-malformed'
  | 'record-unreadable'
  | 'wrong-nation'
  | 'event-mismatch'
  | 'hash-mismatch'
  | 'kind-mismatch'
  | 'erased-without-entry'
  | 'not-erased'
  // The database that its ledger goes on by.
  | 'database-malformed'
  | 'database-differs'
  // By what it was decided, and what about.
  | 'directory-missing'
  | 'directory-not-adopted'
  | 'pack-missing'
  | 'pack-not-signed'
  | 'pack-key-not-valid'
  | 'pack-not-adopted'
  | 'versions-differ'
  | 'verdict-differs'
  | 'approval-not-logged'
  | 'decided-at-another-time'
  | 'signoff-differs'
  // A seal that this machine could not open.
  | 'seal-unreadable'
  | MemberFinding;

/**
 * What a member has signed and does not hold: a log and its gate have no other choice than to hold it as it was said, so that it speaks
 * against that member and not against them.
 */
export type MemberFinding =
  | 'said-by-another'
  | 'access-log-shrank'
  | 'access-log-rewritten'
  | 'access-log-unproved';

/** What speaks against a log, whoever finds it. */
export type FindingCode = FaultCode | AuditCode | RejectionCode | LogFinding;
