import { Rejection } from '@entente/contract';
import { base64urlPieces } from './base64url-pieces.js';

/** A compact JOSE string taken apart, before anything of it is believed. */
export interface Compact {
  readonly text: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly segments: readonly string[];
  /** The same, decoded. */
  readonly parts: readonly Buffer[];
}

/**
 * The strict pre-parser. An attacker controls every byte. jose takes white space, padding, trailing bits and repeated header
 * members, so one signed message would have many valid forms; here it has one.
 *
 * @param bytes ASCII of the compact form
 * @param shape number of segments (3 for a JWS, 5 for a JWE), the longest form in bytes, and the header members that may stand
 * @throws Rejection `too-large`, `seal-malformed`
 */
export function parseCompact(
  bytes: Uint8Array,
  shape: { readonly segments: 3 | 5; readonly maxBytes: number; readonly members: readonly string[] },
): Compact {
  if (bytes.length > shape.maxBytes) {
    throw new Rejection(
      'too-large',
      `the compact form has ${bytes.length} bytes, the limit is ${shape.maxBytes}`,
    );
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const segments = text.split('.', 6);
  if (segments.length !== shape.segments) {
    throw new Rejection('seal-malformed', `a compact form of ${shape.segments} parts was expected`);
  }
  const [first = '', ...others] = segments;
  // Of encrypted messages no two have the same header.
  const { bytes: head, header } =
    shape.segments === 3 ? rememberedHeader(first, shape.members) : readHead(first, shape.members);
  return { text, segments, parts: [head, ...others.map(decodeStrictly)], header };
}

/**
 * The same bytes must encode to the same text: what Node skips when it decodes (another alphabet, padding, white space, bits left
 * over) is missing or different then.
 */
function decodeStrictly(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  let at = 0;
  for (const piece of base64urlPieces(bytes)) {
    if (piece !== segment.slice(at, at + piece.length)) break;
    at += piece.length;
  }
  if (at === segment.length) return bytes;
  throw new Rejection('seal-malformed', 'a part is not canonical base64url');
}

interface Head {
  readonly bytes: Buffer;
  readonly header: Readonly<Record<string, unknown>>;
}

// Whoever signs a thousand messages gives each the same header: it is read once. Only headers that were accepted are kept, and for
// the very list of members that they were accepted under.
const HEADERS = 256;
const accepted = new WeakMap<readonly string[], Map<string, Head>>();

function rememberedHeader(segment: string, members: readonly string[]): Head {
  const heads = accepted.get(members) ?? new Map<string, Head>();
  accepted.set(members, heads);
  const known = heads.get(segment);
  if (known) return known;
  const head = readHead(segment, members);
  heads.set(segment, head);
  if (heads.size > HEADERS) heads.delete(heads.keys().next().value as string);
  return head;
}

function readHead(segment: string, members: readonly string[]): Head {
  return { bytes: decodeStrictly(segment), header: Object.freeze(readHeader(segment, members)) };
}

/** Only known members, once each and without spaces or escapes: JSON.stringify gives the same bytes back. */
function readHeader(segment: string, members: readonly string[]): Record<string, unknown> {
  const header = parseObject(Buffer.from(segment, 'base64url').toString('utf8'));
  if (!Object.keys(header).every((member) => members.includes(member)))
    throw new Rejection('seal-malformed', 'a member of the header is not allowed');
  // The bytes, not the text: what is not UTF-8 all becomes the same character.
  if (Buffer.from(JSON.stringify(header)).toString('base64url') !== segment) {
    throw new Rejection('seal-malformed', 'the header repeats a member or is not in its one form');
  }
  return header;
}

function parseObject(text: string): Record<string, unknown> {
  if (text.length > 2048) throw new Rejection('seal-malformed', 'the header is too long');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // falls through: what it is not, is said below
  }
  throw new Rejection('seal-malformed', 'the header is not a JSON object');
}
