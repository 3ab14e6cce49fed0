import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import {
  decodeRecordPage,
  encodeRecordPage,
  parseRecordPagePath,
  RECORD_PAGE,
  recordPagePath,
} from './record-page.js';

const entry = (text: string) => ({
  leaf: Buffer.from(text),
  salt: Buffer.alloc(16, 1),
  record: Buffer.from(`of ${text}`),
});
const entries = Array.from({ length: RECORD_PAGE }, (_, i) => entry(`leaf ${i}`));

describe('a page of records', () => {
  test('is read as it was written, also with an erased entry, and empty', () => {
    const erased = { leaf: Buffer.from('leaf'), salt: Buffer.alloc(0), record: Buffer.alloc(0) };
    for (const page of [[], [erased], entries, [...entries.slice(1), erased]])
      expect(
        decodeRecordPage(encodeRecordPage(page)).map(({ leaf, record }) => [String(leaf), String(record)]),
      ).toEqual(page.map(({ leaf, record }) => [String(leaf), String(record)]));
  });

  test.each([
    ['cut off', encodeRecordPage(entries).subarray(0, -1)],
    ['with half a length after it', Buffer.concat([encodeRecordPage(entries.slice(1)), Buffer.of(0, 0)])],
    ['with a length beyond its end', Buffer.from('ffffffff00', 'hex')],
    ['of 65 entries', encodeRecordPage([...entries, entry('one more')])],
  ])('%s is refused', (_, bytes) => {
    expect(codeOf(() => decodeRecordPage(bytes))).toBe('bundle-malformed');
  });

  test('has one path', () => {
    for (const page of [0, 7, 123_456]) expect(parseRecordPagePath(recordPagePath(page))).toBe(page);
    for (const path of [
      'records/',
      'records/01',
      'records/-1',
      'records/1/',
      '/records/1',
      'records/1?x',
      'records/99999999999999',
    ])
      expect(parseRecordPagePath(path)).toBeUndefined();
  });
});
