import { LIMITS, Rejection, wire } from '@entente/contract';
import { hasBody } from './check-header.js';
import { SEAL_TYPE, sha256 } from './seal-message.js';
import { type SignatureClaim, signatureHolds } from './signature-holds.js';
import { type FindKey, readClaim, type Verified } from './verify-compact.js';

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
  const { claim, opened } = readSeal(seal, findKey);
  return opened(signatureHolds(claim));
}

/**
 * The same for whoever opens many at once: each of them takes one step before any takes the next. What a step needs stays in the caches of the
 * processor then.
 * @throws Rejection those of `openSeal`
 */
export async function openStepwise(seal: Uint8Array, findKey: FindKey): Promise<Sealed> {
  const { claim, opened } = readSeal(seal, findKey);
  await AFTER_THE_OTHERS;
  const holds = signatureHolds(claim);
  await AFTER_THE_OTHERS;
  return opened(holds);
}

const AFTER_THE_OTHERS = Promise.resolve();

/** A seal of which all is checked but its signature. */
export interface ClaimedSeal {
  readonly claim: SignatureClaim;
  /** To be told whether the claim holds. @throws Rejection `signature-wrong`, `header-malformed` */
  readonly opened: (holds: boolean) => Sealed;
}

/**
 * @param read the header as `readUnverifiedHeader` gave it for these very bytes, which is not decoded again: in a compact form that
 *   passes here the payload has no other reading
 * @throws Rejection those of `openSeal`, but for the last two
 */
export function readSeal(seal: Uint8Array, findKey: FindKey, read?: wire.HeaderFrame): ClaimedSeal {
  const { claim, verified } = readClaim(seal, SEAL_TYPE, LIMITS.seal, findKey);
  return { claim, opened: (holds) => sealed(seal, verified(holds), read) };
}

function sealed(seal: Uint8Array, { kid, payload, hash }: Verified, read?: wire.HeaderFrame): Sealed {
  return { seal, kid, header: read ?? decodeHeader(payload), messageHash: hash };
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
