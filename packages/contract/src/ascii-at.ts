/**
 * The text that stands in these bytes, if all of it is ASCII. Most of what a message says are words of closed lists, which come again
 * and again: to compare one with the bytes costs a fraction of making it anew.
 * @returns undefined where it is not ASCII
 */
export function asciiAt(bytes: Buffer, from: number, to: number): string | undefined {
  const length = to - from;
  if (length === 0 || length > LONGEST) return decoded(bytes, from, to);
  const place = placeOf(bytes, from, length);
  const known = words[place] as string;
  if (isWordAt(known, bytes, from, length)) return known;
  const text = decoded(bytes, from, to);
  if (text !== undefined) words[place] = text;
  return text;
}

// INVARIANT: only ASCII is kept, and it is compared whole: whoever sends words that share a place makes them slower, not wrong.
const WORDS = 512;
const LONGEST = 24;
const words: string[] = Array.from({ length: WORDS }, () => '');

function placeOf(bytes: Buffer, from: number, length: number): number {
  const [first, last] = [bytes[from] as number, bytes[from + length - 1] as number];
  return (first * 31 + (bytes[from + (length >> 1)] as number) * 3 + last * 7 + length) % WORDS;
}

function isWordAt(word: string, bytes: Buffer, from: number, length: number): boolean {
  if (word.length !== length) return false;
  for (let i = 0; i < length; i++) if (word.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}

/** As long as its bytes, and nothing in it was replaced: then each byte is a character by itself, which is ASCII. */
function decoded(bytes: Buffer, from: number, to: number): string | undefined {
  const text = bytes.toString('utf8', from, to);
  return text.length === to - from && !text.includes('\ufffd') ? text : undefined;
}
