import { LIMITS, Rejection, wire } from '@entente/contract';
import { type PublicKey, type Signer, verifyCompact } from '@entente/seal';
import { DirectoryError, type DirectoryErrorCode } from './error.js';

const LIST_TYPE = 'entente-nations';
const PART_TYPE = 'entente-nation';
const PACK_TYPE = 'entente-pack';
const MOST_SEALS = 16;

/** One seal by each signer over the same bytes. */
export async function signList(list: wire.NationListFrame, signers: readonly Signer[]): Promise<Uint8Array> {
  return await signAll(wire.nationList.encode(list), LIST_TYPE, signers);
}

export async function signPart(part: wire.NationPartFrame, signer: Signer): Promise<Uint8Array> {
  return await signAll(wire.nationPart.encode(part), PART_TYPE, [signer]);
}

/** @throws DirectoryError `list-not-trusted` */
export async function openList(
  bytes: Uint8Array,
  keys: ReadonlyMap<string, PublicKey>,
  threshold: number,
): Promise<wire.NationListFrame> {
  try {
    const { payload } = await openSigned(bytes, LIST_TYPE, keys, threshold);
    return wire.nationList.decode(payload);
  } catch (cause) {
    throw distrust('list-not-trusted', `the list of nations is not signed by ${threshold} anchors`, cause);
  }
}

/** @throws DirectoryError `part-not-trusted` */
export async function openPart(
  bytes: Uint8Array,
  nation: string,
  keys: ReadonlyMap<string, PublicKey>,
): Promise<wire.NationPartFrame> {
  try {
    const { payload } = await openSigned(bytes, PART_TYPE, keys, 1);
    return wire.nationPart.decode(payload);
  } catch (cause) {
    throw distrust('part-not-trusted', `the part of ${nation} is not signed by its agency`, cause);
  }
}

/** @param bundle a policy pack, as it is named by its hash */
export async function signPack(bundle: Uint8Array, signer: Signer): Promise<Uint8Array> {
  return await signAll(bundle, PACK_TYPE, [signer]);
}

/**
 * @returns with it which of these keys have signed it, by their names
 * @throws DirectoryError `pack-not-trusted`
 */
export async function openPack(
  bytes: Uint8Array,
  nation: string,
  keys: ReadonlyMap<string, PublicKey>,
): Promise<{ readonly bundle: Uint8Array; readonly signers: readonly string[] }> {
  try {
    const { payload, signers } = await openSigned(bytes, PACK_TYPE, keys, 1);
    return { bundle: payload, signers };
  } catch (cause) {
    throw distrust('pack-not-trusted', `the policy pack of ${nation} is not signed by its agency`, cause);
  }
}

/**
 * What a signed file says, whoever signed it: to show it, or to look for what its hash names.
 * @throws Rejection `too-large`, `frame-malformed`
 */
export function readUnverified(bytes: Uint8Array): Uint8Array {
  const [seal = new Uint8Array()] = wire.signedPart.decode(bytes).seals;
  return payloadOf(seal);
}

function payloadOf(seal: Uint8Array): Buffer {
  const [, payload = ''] = Buffer.from(seal).toString('latin1').split('.');
  return Buffer.from(payload, 'base64url');
}

/**
 * The same file, with the signatures over the very same content that an earlier form of it had: what was signed anew after a key was
 * lost is still shown to have been signed under the keys of its day. Whether any of them holds is asked when it is opened.
 */
export function withEarlierSeals(bytes: Uint8Array, earlier: Uint8Array): Uint8Array {
  try {
    const content = Buffer.from(readUnverified(bytes));
    const own = wire.signedPart.decode(bytes).seals.map((seal) => Buffer.from(seal));
    const before = wire.signedPart
      .decode(earlier)
      .seals.map((seal) => Buffer.from(seal))
      .filter((seal) => content.equals(payloadOf(seal)) && !own.some((one) => one.equals(seal)));
    return wire.signedPart.encode({ seals: [...own, ...before].slice(0, MOST_SEALS) });
  } catch (error) {
    // What lies there is no such file.
    if (error instanceof Rejection) return bytes;
    throw error;
  }
}

/** What is wrong with the signatures of a file. */
class NotSigned extends Error {}

/** What speaks of the file's bytes, as an error of the directory; a fault of ours as it is. */
function distrust(code: DirectoryErrorCode, words: string, cause: unknown): unknown {
  if (!(cause instanceof NotSigned || cause instanceof Rejection)) return cause;
  return new DirectoryError(
    code,
    `${words}: ${cause instanceof NotSigned ? cause.message : String(cause)}`,
    cause,
  );
}

async function signAll(payload: Uint8Array, typ: string, signers: readonly Signer[]): Promise<Uint8Array> {
  const seals = await Promise.all(
    signers.map(async (signer) => Buffer.from(await signer.signCompact(payload, typ), 'latin1')),
  );
  return wire.signedPart.encode({ seals });
}

/** At least `threshold` different keys have signed the very same payload; a signature of an unknown key is passed over. */
async function openSigned(
  bytes: Uint8Array,
  typ: string,
  keys: ReadonlyMap<string, PublicKey>,
  threshold: number,
): Promise<{ readonly payload: Uint8Array; readonly signers: readonly string[] }> {
  const { seals } = wire.signedPart.decode(bytes);
  if (seals.length > MOST_SEALS) throw new NotSigned(`more than ${MOST_SEALS} signatures`);
  const signedBy = new Set<string>();
  let payload: Uint8Array | undefined;
  for (const seal of seals) {
    const verified = verifiedBy(seal, typ, keys);
    if (!verified) continue;
    payload ??= verified.payload;
    if (!Buffer.from(payload).equals(verified.payload))
      throw new NotSigned('the signatures are over different contents');
    signedBy.add(verified.kid);
  }
  if (!payload || signedBy.size < threshold)
    throw new NotSigned(`${signedBy.size} of ${threshold} signatures hold`);
  return { payload, signers: [...signedBy] };
}

/** Undefined if the signature is of an unknown key, or does not hold. */
function verifiedBy(seal: Uint8Array, typ: string, keys: ReadonlyMap<string, PublicKey>) {
  try {
    return verifyCompact(seal, typ, LIMITS.directoryPart, (kid) => keys.get(kid));
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return undefined;
  }
}
