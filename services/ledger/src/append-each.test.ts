import { LIMITS, packBatch, Rejection, unpackBatch, wire } from '@entente/contract';
import { expect, test } from 'vitest';
import { appendEach } from './append-each.js';

const echo = async (bytes: Uint8Array) => bytes;
const request = (size: number, fill: number) =>
  wire.appendRequest.encode({ record: Buffer.alloc(size, fill) });

test('one request is answered as before, and each of a batch in its place', async () => {
  expect(await appendEach(request(9, 1), echo)).toEqual(request(9, 1));
  const requests = [request(9, 1), request(8, 2), request(7, 3)];
  expect(unpackBatch(await appendEach(packBatch(requests), echo))).toEqual(requests);
});

test('what does not fit into the answer is answered with nothing, and nothing else is lost', async () => {
  const large = async () => Buffer.alloc(LIMITS.batch / 2 - 10, 7);
  const replies = unpackBatch(await appendEach(packBatch([1, 2, 3].map((fill) => request(9, fill))), large));
  expect(replies.map(({ length }) => length)).toEqual([LIMITS.batch / 2 - 10, LIMITS.batch / 2 - 10, 0]);
});

test('an answer that is larger than a batch comes alone', async () => {
  const large = async () => Buffer.alloc(LIMITS.transit, 7);
  expect(await appendEach(request(9, 1), large)).toHaveLength(LIMITS.transit);
});

test.each([
  ['too many', wire.batch.encode({ items: Array.from({ length: 65 }, () => request(1, 1)) }), 'too-large'],
  ['half a batch', packBatch([request(9, 1), request(9, 2)]).subarray(0, 20), 'frame-malformed'],
])('nothing is appended of %s', async (_, bytes, code) => {
  let appended = 0;
  const append = async (one: Uint8Array) => {
    appended += 1;
    return one;
  };
  const error: unknown = await appendEach(bytes, append).catch((cause: unknown) => cause);
  expect((error as Rejection).code).toBe(code);
  expect(error).toBeInstanceOf(Rejection);
  expect(appended).toBe(0);
});
