import { expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import {
  decodeRecords,
  encodeRecords,
  maxRecordsBytes,
  parseRecordsPath,
  recordsPath,
} from './record-bundle.js';

const salt = Buffer.alloc(16, 7);
const records = [
  { salt, record: Buffer.from('first') },
  undefined,
  { salt, record: Buffer.alloc(0) },
  { salt, record: Buffer.alloc(65_536, 1) },
];
const bundle = encodeRecords(records);

test('gives back what was written, and nothing for what was erased', () => {
  expect(decodeRecords(bundle, 4)).toEqual(records);
  expect(bundle.subarray(0, 25).toString('hex')).toBe(`00000015${'07'.repeat(16)}${'6669727374'}`);
  expect(bundle.length).toBeLessThan(maxRecordsBytes(4));
  expect(decodeRecords(encodeRecords(Array(256).fill(undefined)), 256)).toEqual(Array(256).fill(undefined));
});

test.each([
  ['one record more', bundle, 5],
  ['one record less', bundle, 3],
  ['one byte less', bundle.subarray(0, -1), 4],
  ['one byte more', Buffer.concat([bundle, Buffer.of(0)]), 4],
  ['a salt alone that is too short', Buffer.from(`0000000f${'07'.repeat(15)}`, 'hex'), 1],
  ['a record that is too long', Buffer.concat([Buffer.from('00010011', 'hex'), Buffer.alloc(65_553)]), 1],
  ['a length beyond everything', Buffer.from('ffffffff', 'hex'), 1],
  ['half a length', Buffer.from('0000', 'hex'), 1],
])('refuses %s', (_what, bytes, count) => {
  expect(codeOf(() => decodeRecords(bytes, count))).toBe('bundle-malformed');
});

test('writes no salt that is none, and no record that is too long', () => {
  expect(codeOf(() => encodeRecords([{ salt: Buffer.alloc(15), record: salt }]))).toBe('out-of-range');
  const record = Buffer.alloc(65_537);
  expect(codeOf(() => encodeRecords([{ salt, record }]))).toBe('entry-too-large');
});

test('has one path for each bundle', () => {
  expect(recordsPath({ index: 1_234_067, width: 256 })).toBe('records/x001/x234/067');
  expect(recordsPath({ index: 0, width: 5 })).toBe('records/000.p/5');
  expect(parseRecordsPath('records/x001/x234/067')).toMatchObject({ index: 1_234_067, width: 256 });
  for (const path of ['records/0', 'records/../000', 'tile/entries/000', 'records/000.p/256', 'records/', ''])
    expect(parseRecordsPath(path)).toBeUndefined();
});
