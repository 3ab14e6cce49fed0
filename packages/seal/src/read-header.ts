import { wire } from '@entente/contract';

/**
 * The header of a seal that somebody else has verified, or of one that is only to be filed: NOTHING in it is proved here.
 * @throws Rejection `too-large`, `frame-malformed`
 */
export function readUnverifiedHeader(seal: Uint8Array): wire.HeaderFrame {
  return wire.header.decode(payloadOf(seal));
}

/** What stands between the first two full stops. */
function payloadOf(seal: Uint8Array): Buffer {
  const text = Buffer.from(seal.buffer, seal.byteOffset, seal.byteLength).toString('latin1');
  const before = text.indexOf('.');
  const after = text.indexOf('.', before + 1);
  if (before === -1) return Buffer.alloc(0);
  return Buffer.from(text.slice(before + 1, after === -1 ? undefined : after), 'base64url');
}
