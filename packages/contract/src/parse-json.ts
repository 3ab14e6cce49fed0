import { Rejection } from './rejection.js';

/**
 * JSON from outside: size and nesting are bounded before the parser sees them.
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
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Rejection('content-invalid', 'the content is not JSON in UTF-8', cause);
  }
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
