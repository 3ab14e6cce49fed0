/** A multiple of three: what is encoded piece by piece is what would be encoded as a whole. */
const PIECE_BYTES = 3 * 8192;

/**
 * Bytes as base64url, a piece of at most 32 KiB at a time. V8 keeps a text of more than 128 KiB apart from all others: to make one and
 * clean up after it takes ten times what its pieces take.
 */
export function* base64urlPieces(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES)
    yield bytes.toString('base64url', at, Math.min(bytes.length, at + PIECE_BYTES));
}

/** Of all pieces together; there is no padding. */
export function base64urlLength({ length }: Uint8Array): number {
  return Math.ceil((length * 4) / 3);
}
