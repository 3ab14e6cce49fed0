export type SealErrorCode =
  | 'key-file-unreadable'
  | 'key-file-exposed'
  | 'key-file-malformed'
  | 'key-file-exists'
  | 'key-malformed'
  | 'key-use';

/** Not a sender's fault: a key file of ours, or a public key that the directory states, cannot be used. */
export class SealError extends Error {
  readonly code: SealErrorCode;

  constructor(code: SealErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SealError';
    this.code = code;
  }
}
