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
  if (depthOf(bytes) > limits.maxDepth) {
    throw new Rejection('content-invalid', `the content is nested more than ${limits.maxDepth} levels deep`);
  }
  const text = decodeUtf8(bytes);
  const value = parseText(text);
  if (repeatsMember(text)) throw new Rejection('content-invalid', 'the content names a member twice');
  return value;
}

// A byte order mark stays in the text, where JSON refuses it.
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes);
  } catch (cause) {
    throw new Rejection('content-invalid', 'the content is not in UTF-8', cause);
  }
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Rejection('content-invalid', 'the content is not JSON', cause);
  }
}

/**
 * Of two members with one name some readers take the first and some the last: one signed content would say two things.
 * The text is JSON: a string is the name of a member if a colon follows.
 */
function repeatsMember(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (string !== undefined && colon !== undefined) {
      const names = open.at(-1);
      const name = string.includes('\\') ? (JSON.parse(string) as string) : string.slice(1, -1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}

/** Counts brackets outside strings; on text that is not JSON the parser has the last word. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}
