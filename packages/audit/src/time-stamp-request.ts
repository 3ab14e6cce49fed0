import { createHash } from 'node:crypto';
import { TAG, writeDer } from './der.js';

/**
 * What a time stamp authority is asked: to sign the time and the SHA-256 of these bytes, and to send its certificate (RFC 3161 §2.4.1).
 * @param nonce 8 to 16 random bytes; the answer has to hold them, so that an old one is not taken for new
 * @returns TimeStampReq, DER
 */
export function formatStampRequest(bytes: Uint8Array, nonce: Uint8Array): Buffer {
  const imprint = createHash('sha256').update(bytes).digest();
  return writeDer(
    TAG.sequence,
    writeDer(TAG.integer, Buffer.of(1)),
    writeDer(
      TAG.sequence,
      writeDer(TAG.sequence, writeDer(TAG.oid, SHA_256), writeDer(TAG.null)),
      writeDer(TAG.octets, imprint),
    ),
    writeDer(TAG.integer, nonceInteger(nonce)),
    writeDer(TAG.boolean, Buffer.of(0xff)),
  );
}

/** The nonce as the octets of a positive INTEGER: a first octet that is neither zero nor a sign. */
export function nonceInteger(nonce: Uint8Array): Buffer {
  const octets = Buffer.from(nonce);
  octets.writeUInt8(((octets[0] ?? 0) & 0x3f) | 0x40, 0);
  return octets;
}

// 2.16.840.1.101.3.4.2.1
const SHA_256 = Buffer.of(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01);
