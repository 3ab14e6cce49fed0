import { createHash, verify } from 'node:crypto';
import { Rejection } from '@entente/contract';
import { SIGNATURE_ALGORITHMS } from './algorithms.js';
import { parseCompact } from './parse-compact.js';
import { keyObjectOf, type PublicKey } from './public-key.js';

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
  const { digest, input, verifier, signature, verified } = prepare(bytes, typ, maxBytes, findKey);
  if (!verify(digest, input, verifier, signature)) throw new Rejection('signature-wrong');
  return verified();
}

/**
 * The same with the signature on the thread pool: for whoever has thousands to check and other work on its own thread meanwhile.
 * @throws Rejection those of `verifyCompact`
 */
export async function verifyCompactInPool(
  bytes: Uint8Array,
  typ: string,
  maxBytes: number,
  findKey: FindKey,
): Promise<Verified> {
  const { digest, input, verifier, signature, verified } = prepare(bytes, typ, maxBytes, findKey);
  const holds = await new Promise<boolean>((resolve, reject) =>
    verify(digest, input, verifier, signature, (error, good) => (error ? reject(error) : resolve(good))),
  );
  if (!holds) throw new Rejection('signature-wrong');
  return verified();
}

function prepare(bytes: Uint8Array, typ: string, maxBytes: number, findKey: FindKey) {
  const { text, key, algorithm, parts } = readCompact(bytes, typ, maxBytes, findKey);
  const [, payload = NOTHING, signature = NOTHING] = parts;
  const input = Buffer.from(text.slice(0, text.lastIndexOf('.')), 'latin1');
  const object = keyObjectOf(key);
  const isEs256 = algorithm === 'ES256';
  return {
    input,
    signature,
    digest: isEs256 ? 'sha256' : null,
    verifier: isEs256 ? ({ key: object, dsaEncoding: 'ieee-p1363' } as const) : object,
    /** To be called once the signature holds. */
    verified: (): Verified => ({
      kid: key.kid,
      payload,
      hash: createHash('sha256').update(input).digest(),
    }),
  };
}

const NOTHING = Buffer.alloc(0);

/** All that comes before the signature. */
function readCompact(bytes: Uint8Array, typ: string, maxBytes: number, findKey: FindKey) {
  const { text, header, parts } = parseCompact(bytes, {
    segments: 3,
    maxBytes,
    members: ['alg', 'kid', 'typ'],
  });
  if (header.typ !== typ) throw new Rejection('seal-malformed', `the type is not "${typ}"`);
  const algorithm = SIGNATURE_ALGORITHMS.find((known) => known === header.alg);
  if (!algorithm) throw new Rejection('algorithm-not-allowed');
  if (typeof header.kid !== 'string') throw new Rejection('key-unknown');
  const key = findKey(header.kid);
  if (!key) throw new Rejection('key-unknown');
  // One key, one algorithm: a header cannot choose how a key is used.
  if (key.use !== 'sig' || key.alg !== algorithm) throw new Rejection('algorithm-not-allowed');
  return { text, parts, key, algorithm };
}

/** The message hash of a compact JWS, before or after it is verified. */
export function messageHash(bytes: Uint8Array): Uint8Array {
  return hashOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
}

function hashOf(text: string): Uint8Array {
  return createHash('sha256')
    .update(text.slice(0, text.lastIndexOf('.')), 'latin1')
    .digest();
}
