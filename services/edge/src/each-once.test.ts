import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { eachOnce } from './each-once.js';

const END = randomBytes(32);
const [A, B, C] = [randomBytes(1000), randomBytes(1000), Buffer.alloc(0)];
/** They end alike, and are not the same. */
const [D, E, F] = [Buffer.concat([A, END]), Buffer.concat([B, END]), END];

test.each([
  ['nothing', [], []],
  ['one', [A], [A]],
  ['what is the same, wherever it stands', [A, B, Buffer.from(A), C, A, Buffer.alloc(0)], [A, B, C]],
  ['what ends alike and is not the same', [D, E, F, Buffer.from(E), Buffer.from(F)], [D, E, F]],
  ['a part of a larger piece of memory', [new Uint8Array(D.buffer, D.byteOffset, D.length), D], [D]],
])('%s goes once', (_, items, expected) => {
  expect(eachOnce(items).map((one) => Buffer.from(one).toString('hex'))).toEqual(
    expected.map((one) => one.toString('hex')),
  );
});
