export type AuditCode =
  | 'out-of-range'
  | 'node-missing'
  | 'entry-missing'
  | 'entry-too-large'
  | 'too-large'
  | 'inclusion-invalid'
  | 'consistency-invalid'
  | 'key-malformed'
  | 'note-malformed'
  | 'note-unsigned'
  | 'note-signature-invalid'
  | 'signer-failed'
  | 'checkpoint-malformed'
  | 'checkpoint-missing'
  | 'checkpoint-wrong-origin'
  | 'log-not-valid'
  | 'proof-malformed'
  | 'bundle-malformed'
  | 'commitment-wrong'
  | 'cosignature-invalid'
  | 'time-wrong'
  | 'policy-malformed'
  | 'request-malformed'
  | 'stamp-malformed'
  | 'stamp-refused'
  | 'stamp-of-other-bytes'
  | 'stamp-signature-invalid'
  | 'stamp-not-trusted'
  | 'unreachable';

/**
 * The only error this package throws on purpose. Decide by `code`; the message is for people.
 *
 * `out-of-range`, `node-missing`, `entry-missing`, `entry-too-large`, `signer-failed` and `unreachable` are faults of the
 * caller, its storage or the way. All others are verdicts over bytes that somebody else wrote.
 */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code: AuditCode;

  constructor(code: AuditCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
