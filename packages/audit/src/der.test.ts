import { describe, expect, test } from 'vitest';
import { childrenOf, integerOf, oidOf, readDer, smallIntegerOf, TAG, writeDer } from './der.js';
import { codeOf } from './fixture/code-of.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('readDer', () => {
  test('reads what it writes, of every length', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const body = Buffer.alloc(length, 7);
      expect(Buffer.from(readDer(writeDer(TAG.octets, body), TAG.octets).body).equals(body)).toBe(true);
    }
  });

  test.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['an indefinite length', '30 80 00 00'],
    ['a length in more octets than it needs', '04 81 01 00'],
    ['a length with a leading zero', '04 82 00 80'],
    ['a length of four octets', '04 84 01 00 00 00'],
    ['a length beyond the end', '04 05 00'],
    ['a length that is cut off', '04 82 01'],
    ['something after it', '04 00 00'],
    ['a tag of several octets', '1f 81 01 00'],
    ['the end of contents', '00 00'],
    ['another tag than is wanted', '30 00'],
  ])('refuses %s', (_, bytes) => {
    expect(codeOf(() => readDer(hex(bytes), TAG.octets))).toBe('stamp-malformed');
  });

  test('refuses more than 64 values in one', () => {
    const many = (count: number) => readDer(writeDer(TAG.sequence, Buffer.alloc(2 * count, hex('0500'))));
    expect(childrenOf(many(64)).length).toBe(64);
    expect(codeOf(() => childrenOf(many(65)))).toBe('stamp-malformed');
  });
});

describe('values', () => {
  test('object identifiers', () => {
    const of = (bytes: string) => oidOf(readDer(hex(bytes)));
    expect(of('06 09 60 86 48 01 65 03 04 02 01')).toBe('2.16.840.1.101.3.4.2.1');
    expect(of('06 08 2a 86 48 ce 3d 04 03 02')).toBe('1.2.840.10045.4.3.2');
    for (const bytes of ['06 00', '06 02 2a 86', '06 03 2a 80 01', '06 0b 2a ff ff ff ff ff ff ff ff ff 7f'])
      expect(codeOf(() => of(bytes))).toBe('stamp-malformed');
  });

  test('integers', () => {
    expect(integerOf(readDer(hex('02 02 00 ff')))).toEqual(hex('00ff'));
    expect(smallIntegerOf(readDer(hex('02 02 01 00')))).toBe(256);
    for (const bytes of ['02 00', '02 02 00 7f', '02 02 ff 80'])
      expect(codeOf(() => integerOf(readDer(hex(bytes))))).toBe('stamp-malformed');
    for (const bytes of ['02 01 ff', '02 06 01 00 00 00 00 00'])
      expect(codeOf(() => smallIntegerOf(readDer(hex(bytes))))).toBe('stamp-malformed');
  });
});
