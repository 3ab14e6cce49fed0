export type SealErrorCode =
  | 'key-file-unreadable'
  | 'key-file-exposed'
  | 'key-file-malformed'
  | 'key-file-exists'
  | 'key-malformed'
  | 'key-use';

/** Ours, not a sender's: a key file, or a key that a directory states, that cannot be used. */
export class SealError extends Error {
  readonly code: SealErrorCode;

  constructor(code: SealErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SealError';
    this.code = code;
  }
}
