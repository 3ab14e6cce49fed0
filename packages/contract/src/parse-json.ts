import { isUtf8 } from 'node:buffer';
import { Rejection } from './rejection.js';

interface Bounds {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/**
 * JSON from outside: size and nesting are bounded before the parser sees them, and no object names a member twice.
 * @throws Rejection `too-large`, `content-invalid`
 */
export function parseJson(bytes: Uint8Array, { maxBytes, maxDepth }: Bounds): unknown {
  checkSize(bytes.length, maxBytes);
  const { depth, members } = shapeOf(bytes);
  if (depth > maxDepth) throw tooDeep(maxDepth);
  const value = parseText(decodeUtf8(bytes));
  // Of two members with one name some readers take the first and some the last: one signed content would say two things.
  if (countMembers(value) !== members)
    throw new Rejection('content-invalid', 'the content names a member twice');
  return value;
}

/**
 * A value as its JSON says it, within the same bounds. That text is ours: it names no member twice, whatever was asked for.
 * @throws Rejection `too-large`, `content-invalid`
 */
export function asJson(value: unknown, { maxBytes, maxDepth }: Bounds): unknown {
  // INVARIANT: before it is written, which ends with the stack where there are thousands of levels.
  if (isDeeper(value, maxDepth)) throw tooDeep(maxDepth);
  const text = JSON.stringify(value);
  checkSize(Buffer.byteLength(text), maxBytes);
  return JSON.parse(text);
}

function checkSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new Rejection('too-large', `the content has ${bytes} bytes, the limit is ${maxBytes}`);
}

function tooDeep(maxDepth: number): Rejection {
  return new Rejection('content-invalid', `the content is nested more than ${maxDepth} levels deep`);
}

/** Looks no further down than to what is too deep. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((item) => isDeeper(item, levels - 1));
}

/** A byte order mark stays in the text, where JSON refuses it. */
function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new Rejection('content-invalid', 'the content is not in UTF-8');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Rejection('content-invalid', 'the content is not JSON', cause);
  }
}

/** Of two members with one name the parser keeps the last: then there are fewer than colons were read. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items: readonly unknown[] = Object.values(value);
  let members = Array.isArray(value) ? 0 : items.length;
  for (const item of items) members += countMembers(item);
  return members;
}

/** Counts brackets and colons outside strings; on text that is not JSON the parser has the last word. */
function shapeOf(bytes: Uint8Array): { readonly depth: number; readonly members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x3a) members++;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return { depth: deepest, members };
}
