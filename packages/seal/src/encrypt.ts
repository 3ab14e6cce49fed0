import { LIMITS, Rejection } from '@entente/contract';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { CONTENT_ENCRYPTION, KEY_AGREEMENT } from './algorithms.js';
import type { Decrypter } from './load-keys.js';
import { parseCompact } from './parse-compact.js';
import type { PublicKey } from './public-key.js';

/** Who encrypted what for whom; bound into the key agreement (`apu`, `apv`) and into the protected header (`mid`). */
export interface Parties {
  readonly from: string;
  readonly to: string;
  /** The message's id; for a crossing, its subject. */
  readonly mid: string;
}

const MEMBERS = ['alg', 'enc', 'kid', 'typ', 'mid', 'apu', 'apv', 'epk'];

/** A compact JWE for one recipient, as ASCII bytes. */
export async function encryptFor(
  key: PublicKey,
  plaintext: Uint8Array,
  typ: string,
  parties: Parties,
): Promise<Uint8Array> {
  const jwe = await new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: KEY_AGREEMENT, enc: CONTENT_ENCRYPTION, kid: key.kid, typ, mid: parties.mid })
    .setKeyManagementParameters({ apu: Buffer.from(parties.from), apv: Buffer.from(parties.to) })
    .encrypt(key.key);
  return Buffer.from(jwe, 'latin1');
}

/**
 * Decrypts and compares the parties with those that the signed header names: a body cannot be moved to another message,
 * sender or recipient.
 * @throws Rejection `too-large`, `seal-malformed`, `algorithm-not-allowed`, `recipient-mismatch`, `decryption-failed`
 */
export async function decryptWith(
  decrypters: readonly Decrypter[],
  bytes: Uint8Array,
  typ: string,
  expected: Parties,
  maxBytes: number = LIMITS.body,
): Promise<Uint8Array> {
  const { text, header } = parseCompact(bytes, { segments: 5, maxBytes, members: MEMBERS });
  if (header.alg !== KEY_AGREEMENT || header.enc !== CONTENT_ENCRYPTION)
    throw new Rejection('algorithm-not-allowed');
  if (header.typ !== typ) throw new Rejection('seal-malformed', `the type is not "${typ}"`);
  if (header.mid !== expected.mid || !says(header.apu, expected.from) || !says(header.apv, expected.to)) {
    throw new Rejection('recipient-mismatch');
  }
  const decrypter = decrypters.find(({ kid }) => kid === header.kid);
  if (!decrypter)
    throw new Rejection(
      'decryption-failed',
      'the content is encrypted to a key that the recipient does not have',
    );
  const { plaintext } = await compactDecrypt(text, decrypter.key, {
    keyManagementAlgorithms: [KEY_AGREEMENT],
    contentEncryptionAlgorithms: [CONTENT_ENCRYPTION],
  }).catch((cause: unknown) => {
    throw new Rejection('decryption-failed', undefined, cause);
  });
  return plaintext;
}

function says(member: unknown, text: string): boolean {
  return member === Buffer.from(text).toString('base64url');
}
