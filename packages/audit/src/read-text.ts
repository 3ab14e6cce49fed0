import { type AuditCode, AuditError } from './error.js';

/**
 * Reads text of C2SP formats: UTF-8 that ends in a newline, without other control characters (C2SP signed-note).
 *
 * Whoever sends the text controls every byte of it, so its size is looked at before anything else. Strings are held
 * to the same rule as bytes: a lone surrogate would be signed as U+FFFD, and two texts would share one signature.
 *
 * @param input UTF-8 bytes, or a string
 * @throws AuditError `too-large`, or the given code
 */
export function readText(input: string | Uint8Array, maxBytes: number, code: AuditCode): string {
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (bytes > maxBytes) {
    throw new AuditError('too-large', `The text is longer than ${maxBytes} bytes.`);
  }
  const text = decode(typeof input === 'string' ? Buffer.from(input) : input, code);
  if (typeof input === 'string' && input !== text) {
    throw new AuditError(code, 'The text is not well-formed Unicode.');
  }
  if (!text.endsWith('\n') || CONTROL.test(text)) {
    throw new AuditError(code, 'The text has no final newline, or a control character.');
  }
  return text;
}

/** Reads an ASCII decimal without sign or leading zeros, up to 2^53 − 1; else undefined. */
export function readDecimal(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Reads standard Base64 in the one spelling that an encoder gives (RFC 4648 §4); else undefined. */
export function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: to refuse them is the purpose.
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
// ignoreBOM keeps a byte order mark in the text: what was signed must be what is read.
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

function decode(bytes: Uint8Array, code: AuditCode): string {
  // What is not UTF-8 becomes U+FFFD. Where there is one, only the strict decoder can tell whether it stood there before, at twice the price.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!text.includes('\ufffd')) return text;
  try {
    return UTF_8.decode(bytes);
  } catch (cause) {
    throw new AuditError(code, 'The text is not UTF-8.', cause);
  }
}
