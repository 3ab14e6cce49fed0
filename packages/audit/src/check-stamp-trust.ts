import { X509Certificate } from 'node:crypto';
import { childrenOf, type Der, expectTag, oidOf, readDer, smallIntegerOf, TAG } from './der.js';
import { AuditError } from './error.js';
import type { TimeStamp } from './open-time-stamp.js';

/**
 * Checks that a time stamp's authority is one of those that are trusted: a chain of certificates up to a given root, all valid at the
 * stamp's own time, the first one for time stamps and nothing else (RFC 3161 §2.3). Whether one of them was revoked since is not asked:
 * there is no network here.
 *
 * @throws AuditError `stamp-not-trusted`
 */
export function checkStampTrust(
  { certificate, others, timeMs }: TimeStamp,
  roots: readonly X509Certificate[],
): void {
  if (!isForTimeStamps(certificate)) throw distrust('its certificate is not for time stamps alone');
  let [current, below] = [certificate, 0];
  while (true) {
    const { validFrom, validTo } = current;
    if (timeMs < Date.parse(validFrom) || timeMs > Date.parse(validTo))
      throw distrust('a certificate of its chain was not valid then');
    if (roots.some(({ raw }) => raw.equals(current.raw))) return;
    const issuer = [...roots, ...others].find((one) => isIssuer(one, current, below));
    if (!issuer || below === MOST_CERTIFICATES) throw distrust('it leads to no root that is trusted here');
    [current, below] = [issuer, below + 1];
  }
}

/** @param pem one certificate or more. @throws AuditError `stamp-malformed` */
export function readRoots(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length === 0) throw new Error('there is none');
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new AuditError('stamp-malformed', 'The file of roots holds no certificate in PEM.', cause);
  }
}

const MOST_CERTIFICATES = 6;
const KEY_CERT_SIGN = 0x04;
const EXTENSION = Object.freeze({
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
});
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** @param below how many authorities stand between it and the time stamp */
function isIssuer(issuer: X509Certificate, subject: X509Certificate, below: number): boolean {
  if (!subject.checkIssued(issuer) || !subject.verify(issuer.publicKey)) return false;
  const extensions = extensionsOf(issuer);
  const constraints = extensions.get(EXTENSION.basicConstraints);
  const [isAuthority, most] = constraints ? childrenOf(readDer(constraints.value, TAG.sequence)) : [];
  if (isAuthority?.tag !== TAG.boolean || isAuthority.body[0] !== 0xff) return false;
  if (most && smallIntegerOf(most) < below) return false;
  const usage = extensions.get(EXTENSION.keyUsage);
  return !usage || ((readDer(usage.value, TAG.bits).body[1] ?? 0) & KEY_CERT_SIGN) !== 0;
}

/** Critical, and for nothing else (RFC 3161 §2.3): else the key of a web server could stamp. */
function isForTimeStamps(certificate: X509Certificate): boolean {
  const usage = extensionsOf(certificate).get(EXTENSION.extendedKeyUsage);
  if (!usage?.isCritical) return false;
  const purposes = childrenOf(readDer(usage.value, TAG.sequence)).map(oidOf);
  return purposes.length === 1 && purposes[0] === TIME_STAMPING;
}

interface Extension {
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

function extensionsOf({ raw }: X509Certificate): ReadonlyMap<string, Extension> {
  const [toBeSigned] = childrenOf(readDer(raw, TAG.sequence));
  const wrapper = childrenOf(expectTag(toBeSigned, TAG.sequence)).find(({ tag }) => tag === TAG_EXTENSIONS);
  const list = wrapper ? childrenOf(readDer(wrapper.body, TAG.sequence)) : [];
  return new Map(list.map((extension) => readExtension(childrenOf(extension, TAG.sequence))));
}

const TAG_EXTENSIONS = 0xa3;

function readExtension([id, ...rest]: readonly Der[]): [string, Extension] {
  const isCritical = rest[0]?.tag === TAG.boolean && rest[0].body[0] === 0xff;
  return [oidOf(id), { isCritical, value: expectTag(rest.at(-1), TAG.octets).body }];
}

function distrust(why: string): AuditError {
  return new AuditError('stamp-not-trusted', `The time stamp is not trusted: ${why}.`);
}
