import { type KeyObject, verify } from 'node:crypto';

/** What is claimed: that the key has signed these bytes. */
export interface SignatureClaim {
  readonly algorithm: 'Ed25519' | 'ES256';
  readonly input: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: KeyObject;
}

/** The one place where a signature is verified, on whichever thread. Whether key and algorithm belong together is asked before. */
export function signatureHolds({ algorithm, input, signature, key }: SignatureClaim): boolean {
  if (algorithm === 'Ed25519') return verify(null, input, key, signature);
  return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
