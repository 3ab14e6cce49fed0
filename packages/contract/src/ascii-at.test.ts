import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asciiAt } from './ascii-at.js';

const read = (bytes: Uint8Array): string | undefined => asciiAt(Buffer.from(bytes), 0, bytes.length);
const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

test('reads what stands at the place, and nothing around it', () => {
  expect(asciiAt(Buffer.from('a crossing b'), 2, 10)).toBe('crossing');
  expect(asciiAt(Buffer.from('é crossing é'), 3, 11)).toBe('crossing');
  expect(asciiAt(Buffer.from('abc'), 1, 1)).toBe('');
});

test('tells words apart that share a place among those that are remembered', () => {
  // First, middle and last letter and the length say where a word is kept.
  const alike = ['crossing', 'cxxxsxxg', 'crxxsixg', 'crossing', 'cxxxsxxg'];
  expect(alike.map((word) => read(Buffer.from(word)))).toEqual(alike);
  for (const word of alike)
    for (let at = 0; at < word.length; at++) {
      const other = `${word.slice(0, at)}~${word.slice(at + 1)}`;
      expect([read(Buffer.from(word)), read(Buffer.from(other))]).toEqual([word, other]);
    }
});

test('is no text where a single byte is not ASCII, wherever and whichever it is', () => {
  for (const length of [1, 2, 3, 24, 25, 100])
    for (const byte of [0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xef, 0xf0, 0xff])
      for (let at = 0; at < length; at++) {
        const bytes = Buffer.alloc(length, 'a');
        expect(read(bytes)).toBe('a'.repeat(length));
        bytes[at] = byte;
        expect(read(bytes)).toBeUndefined();
      }
});

test.each(['é', '\u0100', '\ufffd', '😀', 'a\ufffdb', '\ufeffabc'])(
  'is no text where it is %j, in UTF-8',
  (text) => {
    expect(read(Buffer.from(text))).toBeUndefined();
  },
);

test('is the text of all ASCII and of nothing else', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 40, max: 0x7f }),
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (one) => {
      expect(read(one)).toBe(isAscii(one) ? Buffer.from(one).toString('latin1') : undefined);
    }),
    { numRuns: 3000 },
  );
});
