import { X509Certificate } from 'node:crypto';
import {
  childrenOf,
  type Der,
  expectTag,
  integerOf,
  malformed,
  oidOf,
  readDer,
  smallIntegerOf,
  TAG,
  unwrap,
} from './der.js';
import { AuditError } from './error.js';

/** A time stamp taken apart (RFC 3161 in CMS, RFC 5652). Nothing in it is trustworthy before `openTimeStamp` says so. */
export interface ReadTimeStamp {
  /** TSTInfo, DER: what the signed attributes commit to. */
  readonly info: Uint8Array;
  readonly imprint: { readonly digest: string; readonly hash: Uint8Array };
  readonly timeMs: number;
  readonly accuracyMs: number;
  /** The octets of an INTEGER; undefined: none. */
  readonly nonce: Buffer | undefined;
  /** As the token carries them, at most 10. */
  readonly certificates: readonly X509Certificate[];
  readonly signer: {
    readonly serial: Buffer;
    readonly digest: string;
    /** By object identifier; each stands there once. */
    readonly attributes: ReadonlyMap<string, Der>;
    /** The SET that is signed. */
    readonly signed: Buffer;
    readonly algorithm: string;
    readonly signature: Uint8Array;
  };
}

export const OID = Object.freeze({
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  timeStampInfo: '1.2.840.113549.1.9.16.1.4',
  signedData: '1.2.840.113549.1.7.2',
});

/** Of hashes that are believed. SHA-1 is none. */
export const DIGESTS: Readonly<Record<string, string>> = Object.freeze({
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
});

/** The longest answer that is read, in bytes: a token with its certificates has 2,000 to 8,000. */
export const MAX_STAMP_BYTES = 64 * 1024;

/**
 * Reads a time stamp authority's answer, unverified.
 * @param response TimeStampResp, DER
 * @throws AuditError `too-large`, `stamp-malformed`, `stamp-refused`
 */
export function readTimeStamp(response: Uint8Array): ReadTimeStamp {
  if (response.length > MAX_STAMP_BYTES)
    throw new AuditError('too-large', `The time stamp is longer than ${MAX_STAMP_BYTES} bytes.`);
  const [statusInfo, token] = childrenOf(readDer(response, TAG.sequence));
  const status = smallIntegerOf(childrenOf(expectTag(statusInfo, TAG.sequence))[0]);
  // granted, and granted with modifications that the caller can see
  if (status > 1 || !token)
    throw new AuditError('stamp-refused', `The authority answered with status ${status}.`);
  const [type, content] = childrenOf(token, TAG.sequence);
  expectOid(type, OID.signedData);
  return readSignedData(unwrap(content, TAG.context0));
}

function readSignedData(signedData: Der): ReadTimeStamp {
  const [version, , encapsulated, ...rest] = childrenOf(signedData, TAG.sequence);
  smallIntegerOf(version);
  const [type, content] = childrenOf(expectTag(encapsulated, TAG.sequence));
  expectOid(type, OID.timeStampInfo);
  const info = expectTag(unwrap(content, TAG.context0), TAG.octets).body;
  const certificates = rest.find(({ tag }) => tag === TAG.context0);
  const signers = childrenOf(expectTag(rest.at(-1), TAG.set));
  if (signers.length !== 1) throw malformed('it has not exactly one signer');
  return {
    info,
    ...readInfo(info),
    certificates: certificates ? readCertificates(certificates) : [],
    signer: readSigner(signers[0]),
  };
}

function readInfo(info: Uint8Array) {
  const [version, policy, imprint, serial, time, ...rest] = childrenOf(readDer(info, TAG.sequence));
  if (smallIntegerOf(version) !== 1) throw malformed('its version is not known');
  oidOf(policy);
  integerOf(serial);
  const [algorithm, hash] = childrenOf(expectTag(imprint, TAG.sequence));
  const accuracy = rest.find(({ tag }) => tag === TAG.sequence);
  const nonce = rest.find(({ tag }) => tag === TAG.integer);
  return {
    imprint: { digest: digestOf(algorithm), hash: expectTag(hash, TAG.octets).body },
    timeMs: timeOf(expectTag(time, TAG.time)),
    accuracyMs: accuracy ? accuracyOf(accuracy) : 0,
    nonce: nonce && integerOf(nonce),
  };
}

const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{0,5}[1-9])?Z$/;

function timeOf({ body }: Der): number {
  const text = Buffer.from(body).toString('latin1');
  const [, year, month, day, hour, minute, second, fraction = ''] = TIME.exec(text) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date.parse takes the 30th of February for the 2nd of March.
  if (Number.isNaN(ms) || Number(day) !== new Date(ms).getUTCDate()) throw malformed('it has no such time');
  return ms + Math.floor(Number(`0${fraction}`) * 1000);
}

function accuracyOf(accuracy: Der): number {
  const parts = childrenOf(accuracy);
  const [seconds, millis] = [
    parts.find(({ tag }) => tag === TAG.integer),
    parts.find(({ tag }) => tag === TAG.primitive0),
  ];
  return (
    (seconds ? smallIntegerOf(seconds) * 1000 : 0) + (millis ? smallIntegerOf(millis, TAG.primitive0) : 0)
  );
}

const MOST_CERTIFICATES = 10;

function readCertificates(set: Der): X509Certificate[] {
  const found = childrenOf(set).filter(({ tag }) => tag === TAG.sequence);
  if (found.length > MOST_CERTIFICATES) throw malformed('it has too many certificates');
  return found.map(({ bytes }) => {
    try {
      return new X509Certificate(bytes);
    } catch (cause) {
      throw malformed('a certificate in it is none', cause);
    }
  });
}

function readSigner(info: Der | undefined): ReadTimeStamp['signer'] {
  const [version, sid, digest, attributes, algorithm, signature] = childrenOf(expectTag(info, TAG.sequence));
  // Version 1: named by issuer and serial number, as RFC 3161 profiles do.
  if (smallIntegerOf(version) !== 1) throw malformed('its signer is not named by issuer and serial number');
  const [, serial] = childrenOf(expectTag(sid, TAG.sequence));
  const signed = Buffer.from(expectTag(attributes, TAG.context0).bytes);
  // What is signed has the tag of a SET, not the one that it travels with (RFC 5652 §5.4).
  signed.writeUInt8(TAG.set, 0);
  return {
    serial: integerOf(serial),
    digest: digestOf(digest),
    attributes: readAttributes(readDer(signed, TAG.set)),
    signed,
    algorithm: oidOf(childrenOf(expectTag(algorithm, TAG.sequence))[0]),
    signature: expectTag(signature, TAG.octets).body,
  };
}

function readAttributes(set: Der): ReadonlyMap<string, Der> {
  const attributes = new Map<string, Der>();
  for (const attribute of childrenOf(set)) {
    const [type, values] = childrenOf(attribute, TAG.sequence);
    const [name, found] = [oidOf(type), childrenOf(expectTag(values, TAG.set))];
    const [value] = found;
    if (attributes.has(name) || found.length !== 1 || !value)
      throw malformed('an attribute stands there twice');
    attributes.set(name, value);
  }
  return attributes;
}

function digestOf(algorithm: Der | undefined): string {
  const digest = DIGESTS[oidOf(childrenOf(expectTag(algorithm, TAG.sequence))[0])];
  if (!digest) throw malformed('its hash is none of SHA-256, SHA-384 and SHA-512');
  return digest;
}

function expectOid(value: Der | undefined, wanted: string): void {
  const found = oidOf(value);
  if (found !== wanted) throw malformed(`it holds ${found} in place of ${wanted}`);
}
