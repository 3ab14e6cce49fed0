import { createHash, verify, type X509Certificate } from 'node:crypto';
import { childrenOf, type Der, expectTag, malformed, oidOf, TAG } from './der.js';
import { AuditError } from './error.js';
import { DIGESTS, OID, type ReadTimeStamp, readTimeStamp } from './read-time-stamp.js';
import { nonceInteger } from './time-stamp-request.js';

/** Somebody has signed that these bytes were there at this time. Whether that one is trusted, says `checkStampTrust`. */
export interface TimeStamp {
  readonly timeMs: number;
  /** How far the time may be off, as the authority says; 0 where it says nothing. */
  readonly accuracyMs: number;
  /** As its certificate names it. */
  readonly authority: string;
  readonly certificate: X509Certificate;
  /** What may lie between it and a root. */
  readonly others: readonly X509Certificate[];
}

/**
 * Verifies a time stamp over bytes (RFC 3161, RFC 5816): it is of exactly these bytes, its signature holds, and the certificate in it
 * is the one that it was signed for (ESSCertIDv2): another certificate of the same key cannot take its place.
 *
 * @param response TimeStampResp, DER; an attacker controls all of it
 * @param nonce of the request, where the answer is to a request of now
 * @throws AuditError `too-large`, `stamp-malformed`, `stamp-refused`, `stamp-of-other-bytes`, `stamp-signature-invalid`
 */
export function openTimeStamp(response: Uint8Array, bytes: Uint8Array, nonce?: Uint8Array): TimeStamp {
  const stamp = readTimeStamp(response);
  const { imprint, signer } = stamp;
  if (!hash(imprint.digest, bytes).equals(imprint.hash)) throw otherBytes('it is of other bytes');
  if (nonce && !stamp.nonce?.equals(nonceInteger(nonce))) throw otherBytes('it answers another request');
  const certificate = certificateOf(stamp);
  checkAttributes(stamp);
  if (!isSigned(signer, certificate)) throw invalid('its signature does not hold');
  return {
    timeMs: stamp.timeMs,
    accuracyMs: stamp.accuracyMs,
    authority: certificate.subject.split('\n').at(-1) ?? '',
    certificate,
    others: stamp.certificates.filter((other) => other !== certificate),
  };
}

/** INVARIANT: the signed attributes name the certificate by its hash; what the token carries beside is anybody's. */
function certificateOf({ signer, certificates }: ReadTimeStamp): X509Certificate {
  const attribute = signer.attributes.get(OID.signingCertificateV2);
  if (!attribute) throw malformed('it does not name its certificate (ESSCertIDv2)');
  const [list] = childrenOf(attribute, TAG.sequence);
  const [id] = childrenOf(expectTag(list, TAG.sequence));
  const parts = childrenOf(expectTag(id, TAG.sequence));
  const named = parts[0]?.tag === TAG.sequence ? digestNamed(parts[0]) : 'sha256';
  const certHash = expectTag(
    parts.find(({ tag }) => tag === TAG.octets),
    TAG.octets,
  ).body;
  const found = certificates.find(({ raw }) => hash(named, raw).equals(certHash));
  if (!found) throw invalid('it does not carry the certificate that it was signed for');
  const serial = Buffer.from(found.serialNumber.padStart(signer.serial.length * 2, '0'), 'hex');
  if (!serial.equals(signer.serial)) throw invalid('its signer has the number of another certificate');
  return found;
}

function digestNamed(algorithm: Der): string {
  const digest = DIGESTS[oidOf(childrenOf(algorithm)[0])];
  if (!digest) throw malformed('its certificate is named by a hash that is not believed');
  return digest;
}

function checkAttributes({ signer, info }: ReadTimeStamp): void {
  const type = signer.attributes.get(OID.contentType);
  if (!type || oidOf(type) !== OID.timeStampInfo) throw invalid('it was signed as something else');
  const digest = signer.attributes.get(OID.messageDigest);
  if (!digest || !hash(signer.digest, info).equals(expectTag(digest, TAG.octets).body))
    throw invalid('another time or hash was signed');
}

/** By the algorithm that the token names: each with a hash that is believed, and the kind of key that it is for. */
const SIGNATURES: Readonly<Record<string, { readonly key: string; readonly digest?: string }>> = {
  '1.2.840.113549.1.1.1': { key: 'rsa' },
  '1.2.840.113549.1.1.11': { key: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', digest: 'sha512' },
};

function isSigned(signer: ReadTimeStamp['signer'], { publicKey }: X509Certificate): boolean {
  const algorithm = SIGNATURES[signer.algorithm];
  if (!algorithm) throw malformed(`it is signed with ${signer.algorithm}, which is not known here`);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? Number.POSITIVE_INFINITY;
  if (publicKey.asymmetricKeyType !== algorithm.key || bits < 2048) return false;
  return verify(algorithm.digest ?? signer.digest, signer.signed, publicKey, signer.signature);
}

function hash(digest: string, bytes: Uint8Array): Buffer {
  return createHash(digest).update(bytes).digest();
}

function otherBytes(why: string): AuditError {
  return new AuditError('stamp-of-other-bytes', `The time stamp does not count here: ${why}.`);
}

function invalid(why: string): AuditError {
  return new AuditError('stamp-signature-invalid', `The time stamp does not hold: ${why}.`);
}
