import { wire } from '@entente/contract';

/**
 * The header of a seal that somebody else has verified, or of one that is only to be filed: NOTHING in it is proved here.
 * @throws Rejection `too-large`, `frame-malformed`
 */
export function readUnverifiedHeader(seal: Uint8Array): wire.HeaderFrame {
  return wire.header.decode(payloadOf(seal));
}

function payloadOf(seal: Uint8Array): Buffer {
  const payload =
    Buffer.from(seal.buffer, seal.byteOffset, seal.byteLength).toString('latin1').split('.', 2)[1] ?? '';
  return Buffer.from(payload, 'base64url');
}
