import { Rejection } from './rejection.js';

const MEDIA_TYPE = /^\s*(?:image|video|audio)\/[a-z0-9.+-]+\s*(?:;.*)?$/i;
/** How PNG, GIF, JPEG and WebP begin in base64. */
const PICTURE = /(?<![A-Za-z0-9+/_-])(?:iVBORw0KGgo|R0lGOD[dl]h|[/_]9j[/_][24]|UklGR[A-Za-z0-9+/_-]{7}RUJQ)/;
const DATA_URL = /^\s*data:|data:(?:application|audio|image|text|video)\/|;base64,/i;
// The look-behind keeps the search linear: it begins only where a run begins.
const ENCODED_RUN = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{400}/;
const ENCODED_CHARACTERS = 400;
const ENCODED_LINE = /^[A-Za-z0-9+/_-]{60,}={0,2}$/;
const HEX_GROUP = /^(?:0x)?(?:[0-9a-f]{2}){1,4}$/i;
const HASH = /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/i;

/**
 * The schema gives an image no place; this names the attempt for what it is, wherever it is hidden. It finds what a program
 * does by itself and what is easy to do by hand; who hides a picture word by word is not found here, but is signed for.
 * @throws Rejection `content-forbidden`
 */
export function refuseMedia(content: unknown): void {
  const where = placeOfMedia(content);
  if (where === undefined) return;
  const what = 'carries media or encoded data, which a csam report must not';
  throw new Rejection('content-forbidden', `the content ${what}`, undefined, `${where} ${what}`);
}

/** Where the first text stands that looks like it. */
function placeOfMedia(value: unknown): string | undefined {
  if (typeof value === 'string') return looksLikeMedia(value) ? '' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const key of Object.keys(value)) {
    const below = placeOfMedia((value as Record<string, unknown>)[key]);
    if (below !== undefined) return `/${key.slice(0, 60)}${below}`;
  }
  return undefined;
}

function looksLikeMedia(value: string): boolean {
  const plain = value.includes('%') ? withoutEscapes(value) : value;
  if (MEDIA_TYPE.test(plain) || PICTURE.test(plain) || DATA_URL.test(plain)) return true;
  return plain.length >= ENCODED_CHARACTERS && (ENCODED_RUN.test(plain) || isWrappedEncoding(plain));
}

function withoutEscapes(value: string): string {
  return value.replace(/%[0-9a-f]{2}/gi, (escaped) =>
    String.fromCharCode(Number.parseInt(escaped.slice(1), 16)),
  );
}

/** Base64 or hex in lines or groups, so many characters with nothing else between them; a list of hashes is none. */
function isWrappedEncoding(text: string): boolean {
  let length = 0;
  for (const token of text.split(/[\s,:;"'\\]+/)) {
    const encoded = HEX_GROUP.test(token) || (ENCODED_LINE.test(token) && !HASH.test(token));
    length = encoded ? length + token.length : 0;
    if (length >= ENCODED_CHARACTERS) return true;
  }
  return false;
}
