import { AuditError } from './error.js';

/** One value of ASN.1 in its distinguished encoding (X.690 §10). */
export interface Der {
  /** The identifier octet: class, form and number in one. */
  readonly tag: number;
  readonly body: Uint8Array;
  /** With tag and length, as they came: what is signed or hashed. */
  readonly bytes: Uint8Array;
}

export const TAG = Object.freeze({
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** [0] and [1], constructed; and [0], [1] over something primitive. */
  context0: 0xa0,
  context1: 0xa1,
  primitive0: 0x80,
  primitive1: 0x81,
});

/**
 * Reads one value that fills the bytes. Strict: whoever made them controls every octet, so a length has one spelling, none is
 * indefinite, none reaches beyond what is there, and nothing follows.
 *
 * @throws AuditError `stamp-malformed`
 */
export function readDer(bytes: Uint8Array, tag?: number): Der {
  const [value, ...more] = readAll(bytes, 1);
  if (!value || more.length > 0) throw malformed('one value is needed');
  return expectTag(value, tag);
}

/** The values within a constructed one, at most 64. */
export function childrenOf(parent: Der, tag?: number): Der[] {
  return readAll(expectTag(parent, tag).body, MOST_CHILDREN);
}

/** The value of `[n] EXPLICIT`. */
export function unwrap(wrapper: Der | undefined, tag: number): Der {
  return readDer(expectTag(wrapper, tag).body);
}

export function expectTag(value: Der | undefined, tag: number | undefined): Der {
  if (!value || (tag !== undefined && value.tag !== tag))
    throw malformed(`a value has the tag ${value?.tag ?? 'none'} in place of ${tag}`);
  return value;
}

/** In dotted decimal form. */
export function oidOf(value: Der | undefined): string {
  const { body } = expectTag(value, TAG.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const [i, octet] of body.entries()) {
    if (arc === 0 && octet === 0x80) throw malformed('an object identifier has a padded arc');
    arc = arc * 128 + (octet & 0x7f);
    if (arc > MOST_ARC || (i === body.length - 1 && octet >= 0x80)) throw malformed('an arc does not end');
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = -1, ...rest] = arcs;
  if (first < 0) throw malformed('an object identifier is empty');
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...rest].join('.');
}

/** The octets of an INTEGER, without needless ones. */
export function integerOf(value: Der | undefined): Buffer {
  const { body } = expectTag(value, TAG.integer);
  const [first, second = 0] = body;
  const isPadded = body.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (first === undefined || isPadded) throw malformed('an integer is not in its shortest form');
  return Buffer.from(body);
}

/** @throws AuditError `stamp-malformed` also for what is negative or above 2^32 */
export function smallIntegerOf(value: Der | undefined, tag: number = TAG.integer): number {
  const octets = integerOf({ ...expectTag(value, tag), tag: TAG.integer });
  if (octets.length > 5 || (octets[0] ?? 0) >= 0x80) throw malformed('a number is out of range');
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** Writes a value, constructed from others or over octets. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const octets = body.length < 0x80 ? [] : [...bigEndian(body.length)];
  const length = octets.length === 0 ? [body.length] : [0x80 | octets.length, ...octets];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

export function malformed(why: string, cause?: unknown): AuditError {
  return new AuditError('stamp-malformed', `The time stamp cannot be read: ${why}.`, cause);
}

const MOST_CHILDREN = 64;
const MOST_ARC = 2 ** 40;
const MOST_LENGTH_OCTETS = 3;

function readAll(bytes: Uint8Array, most: number): Der[] {
  const values: Der[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (values.length === most) throw malformed('it holds more values than it may');
    const value = readAt(bytes, at);
    values.push(value);
    at += value.bytes.length;
  }
  return values;
}

function readAt(bytes: Uint8Array, at: number): Der {
  const tag = bytes[at] ?? 0;
  // Tags of several octets occur in nothing that is read here.
  if ((tag & 0x1f) === 0x1f || tag === 0) throw malformed('a value has a tag that is not known');
  const first = bytes[at + 1] ?? 0x80;
  const count = first < 0x80 ? 0 : first & 0x7f;
  const octets = bytes.subarray(at + 2, at + 2 + count);
  if (first === 0x80 || count > MOST_LENGTH_OCTETS || octets.length < count)
    throw malformed('a length is indefinite, too long or cut off');
  const length = count === 0 ? first : octets.reduce((sum, octet) => sum * 256 + octet, 0);
  if (count > 0 && (length < 0x80 || octets[0] === 0))
    throw malformed('a length is not in its shortest form');
  const start = at + 2 + count;
  if (start + length > bytes.length) throw malformed('a value is cut off');
  return { tag, body: bytes.subarray(start, start + length), bytes: bytes.subarray(at, start + length) };
}

function* bigEndian(length: number): Generator<number> {
  for (let shift = length > 0xffff ? 16 : length > 0xff ? 8 : 0; shift >= 0; shift -= 8)
    yield (length >> shift) & 0xff;
}
