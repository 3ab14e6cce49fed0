import { hash } from 'node:crypto';
import { Rejection } from '@entente/contract';
import { SIGNATURE_ALGORITHMS } from './algorithms.js';
import { parseCompact } from './parse-compact.js';
import { keyObjectOf, type PublicKey } from './public-key.js';
import { type SignatureClaim, signatureHolds } from './signature-holds.js';

/** What a verified signature says. */
export interface Verified {
  readonly kid: string;
  readonly payload: Uint8Array;
  /** SHA-256 of the signing input. The signature is no part of it: an ES256 signature can be changed without the key. */
  readonly hash: Uint8Array;
}

/** Finds a key that may be used now by its kid; throws `key-not-valid` if it is known but must not be used. */
export type FindKey = (kid: string) => PublicKey | undefined;

/**
 * Size, shape, type, algorithm, key, signature; in this order, and only then is the payload handed out. On the calling thread: the
 * way to the thread pool and back costs more than a third of a signature, and who has more cores runs more processes.
 * @throws Rejection `too-large`, `seal-malformed`, `algorithm-not-allowed`, `key-unknown`, `key-not-valid`, `signature-wrong`
 */
export function verifyCompact(bytes: Uint8Array, typ: string, maxBytes: number, findKey: FindKey): Verified {
  const { claim, verified } = readClaim(bytes, typ, maxBytes, findKey);
  return verified(signatureHolds(claim));
}

/** A compact JWS of which all is checked but the signature. */
export interface Claimed {
  /** Views of the bytes that were read. */
  readonly claim: SignatureClaim;
  /** To be told whether the claim holds. @throws Rejection `signature-wrong` */
  readonly verified: (holds: boolean) => Verified;
}

/** For whoever has thousands of signatures to check, and other cores to do it. @throws Rejection those of `verifyCompact`, but for the last */
export function readClaim(bytes: Uint8Array, typ: string, maxBytes: number, findKey: FindKey): Claimed {
  const { header, parts } = parseCompact(bytes, { segments: 3, maxBytes, members: MEMBERS });
  if (header.typ !== typ) throw new Rejection('seal-malformed', `the type is not "${typ}"`);
  const algorithm = SIGNATURE_ALGORITHMS.find((known) => known === header.alg);
  if (!algorithm) throw new Rejection('algorithm-not-allowed');
  if (typeof header.kid !== 'string') throw new Rejection('key-unknown');
  const key = findKey(header.kid);
  if (!key) throw new Rejection('key-unknown');
  // One key, one algorithm: a header cannot choose how a key is used.
  if (key.use !== 'sig' || key.alg !== algorithm) throw new Rejection('algorithm-not-allowed');
  const [, payload = NOTHING, signature = NOTHING] = parts;
  const input = signingInput(bytes);
  return {
    claim: { algorithm, input, signature, key: keyObjectOf(key) },
    verified: (holds) => {
      if (holds !== true) throw new Rejection('signature-wrong');
      return { kid: key.kid, payload, hash: hash('sha256', input, 'buffer') };
    },
  };
}

const MEMBERS = ['alg', 'kid', 'typ'] as const;
const NOTHING = Buffer.alloc(0);

/** The message hash of a compact JWS, before or after it is verified. */
export function messageHash(bytes: Uint8Array): Uint8Array {
  return hash('sha256', signingInput(bytes), 'buffer');
}

/** All before the last point. */
function signingInput(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.lastIndexOf(POINT));
}

const POINT = 0x2e;
