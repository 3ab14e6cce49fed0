import { LIMITS, Rejection, wire } from '@entente/contract';
import { hasBody } from './check-header.js';
import { SEAL_TYPE, sha256 } from './seal-message.js';
import { type FindKey, verifyCompact, verifyCompactInPool } from './verify-compact.js';

/** A seal whose signature holds. Nothing else of it has been checked. */
export interface Sealed {
  readonly seal: Uint8Array;
  readonly kid: string;
  readonly header: wire.HeaderFrame;
  readonly messageHash: Uint8Array;
}

/**
 * Verifies the bytes, then parses them. A Rejection from here is about nobody: no name in the header may be believed.
 * @throws Rejection `too-large`, `seal-malformed`, `algorithm-not-allowed`, `key-unknown`, `key-not-valid`, `signature-wrong`, `header-malformed`
 */
export function openSeal(seal: Uint8Array, findKey: FindKey): Sealed {
  const { kid, payload, hash } = verifyCompact(seal, SEAL_TYPE, LIMITS.seal, findKey);
  return { seal, kid, header: decodeHeader(payload), messageHash: hash };
}

/** The same with the signature on the thread pool, for whoever has thousands to check. @throws Rejection those of `openSeal` */
export async function openSealInPool(seal: Uint8Array, findKey: FindKey): Promise<Sealed> {
  const { kid, payload, hash } = await verifyCompactInPool(seal, SEAL_TYPE, LIMITS.seal, findKey);
  return { seal, kid, header: decodeHeader(payload), messageHash: hash };
}

function decodeHeader(payload: Uint8Array): wire.HeaderFrame {
  try {
    return wire.header.decode(payload);
  } catch (cause) {
    throw new Rejection('header-malformed', 'the signed header cannot be decoded', cause);
  }
}

/** @throws Rejection `body-mismatch` */
export function checkBody(sealed: Sealed, body: Uint8Array): void {
  const expected = hasBody(sealed.header) ? sealed.header.bodySha256 : null;
  const matches = expected === null ? body.length === 0 : Buffer.from(sha256(body)).equals(expected);
  if (!matches) throw new Rejection('body-mismatch');
}
