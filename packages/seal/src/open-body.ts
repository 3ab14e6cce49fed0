import { LIMITS, Rejection, wire } from '@entente/contract';
import { decryptWith } from './encrypt.js';
import type { Decrypter } from './load-keys.js';
import type { Sealed } from './open-seal.js';
import { BODY_TYPE, commitmentOf, OPENED_TYPE } from './seal-message.js';

/**
 * Decrypts the body of an opened seal and checks that it is what the sender committed to.
 * @returns the salt (16 bytes) and the content's JSON bytes, not yet parsed
 * @throws Rejection `recipient-mismatch`, `decryption-failed`, `commitment-mismatch`, and those of the strict pre-parser
 */
export async function openBody(
  sealed: Sealed,
  body: Uint8Array,
  decrypters: readonly Decrypter[],
): Promise<wire.BodyFrame> {
  const { from, to, id, contentCommitment } = sealed.header;
  const plaintext = await decryptWith(decrypters, body, BODY_TYPE, { from, to, mid: id }, LIMITS.body);
  const opened = wire.body.decode(plaintext);
  if (
    opened.salt.length !== 16 ||
    !Buffer.from(commitmentOf(opened.salt, opened.content)).equals(contentCommitment)
  ) {
    throw new Rejection('commitment-mismatch');
  }
  return opened;
}

/**
 * Decrypts what an inspection has opened. Whether it is what was sealed then is the auditor's question.
 * @throws Rejection `recipient-mismatch`, `decryption-failed`, `frame-malformed`, `too-large`
 */
export async function openOpened(
  { header: { from, to, id } }: Sealed,
  body: Uint8Array,
  decrypters: readonly Decrypter[],
): Promise<wire.EvidenceMessageFrame> {
  const parties = { from, to, mid: id };
  return wire.evidenceMessage.decode(await decryptWith(decrypters, body, OPENED_TYPE, parties, LIMITS.body));
}
