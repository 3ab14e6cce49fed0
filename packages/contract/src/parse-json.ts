import { isUtf8 } from 'node:buffer';
import { Rejection } from './rejection.js';

/**
 * JSON from outside: size and nesting are bounded before the parser sees them, and no object names a member twice.
 * @throws Rejection `too-large`, `content-invalid`
 */
export function parseJson(
  bytes: Uint8Array,
  limits: { readonly maxBytes: number; readonly maxDepth: number },
): unknown {
  if (bytes.length > limits.maxBytes) {
    throw new Rejection(
      'too-large',
      `the content has ${bytes.length} bytes, the limit is ${limits.maxBytes}`,
    );
  }
  const { depth, members } = shapeOf(bytes);
  if (depth > limits.maxDepth) {
    throw new Rejection('content-invalid', `the content is nested more than ${limits.maxDepth} levels deep`);
  }
  const value = parseText(decodeUtf8(bytes));
  // Of two members with one name some readers take the first and some the last: one signed content would say two things.
  if (countMembers(value) !== members)
    throw new Rejection('content-invalid', 'the content names a member twice');
  return value;
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
