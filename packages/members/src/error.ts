export type DirectoryErrorCode =
  | 'anchors-malformed'
  | 'list-unreadable'
  | 'list-not-trusted'
  | 'list-expired'
  | 'part-not-trusted'
  | 'pack-not-trusted'
  | 'part-malformed'
  | 'version-goes-back'
  | 'nation-unknown';

/** A directory that cannot be believed. The message says which file and what to do. */
export class DirectoryError extends Error {
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DirectoryError';
    this.code = code;
  }
}
