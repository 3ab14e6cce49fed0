import { describe, expect, test } from 'vitest';
import { BATCHING, packBatch, unpackBatch } from './batch.js';
import { codeOf } from './fixture/code-of.js';
import { wireVectors } from './fixture/vectors.js';
import { LIMITS } from './limits.js';
import * as wire from './wire.js';

const bytes = (text: string) => Buffer.from(text, 'hex');

describe('frames that travel together', () => {
  test('come out as they went in, and one alone is itself', () => {
    const items = [bytes('0a0161'), bytes('12026162'), bytes('')];
    expect(unpackBatch(packBatch(items)).map((item) => Buffer.from(item))).toEqual(items);
    expect(packBatch([bytes('0a0161')])).toEqual(bytes('0a0161'));
    expect(unpackBatch(bytes('0a0161'))).toEqual([bytes('0a0161')]);
    expect(unpackBatch(bytes(''))).toEqual([bytes('')]);
  });

  test('are told from one frame by the first byte: no frame begins as a batch does', () => {
    for (const [name, { valid }] of wireVectors()) {
      const begins = valid.map(({ hex }) => hex.slice(0, 2)).filter((byte) => byte === '7a');
      expect([name, name === 'batch' ? true : begins.length === 0]).toEqual([name, true]);
    }
  });

  test('are at most so many', async () => {
    const of = (count: number) =>
      wire.batch.encode({ items: Array.from({ length: count }, () => bytes('0a')) });
    expect(unpackBatch(of(LIMITS.batchItems))).toHaveLength(LIMITS.batchItems);
    expect(await codeOf(() => unpackBatch(of(LIMITS.batchItems + 1)))).toBe('too-large');
  });

  test('have at most so many bytes', async () => {
    const of = (size: number) => wire.batch.encode({ items: [Buffer.alloc(size), Buffer.alloc(10)] });
    expect(unpackBatch(of(LIMITS.batch - 20))).toHaveLength(2);
    expect(await codeOf(() => unpackBatch(of(LIMITS.batch - 10)))).toBe('too-large');
  });

  test('hold no batch: its reader finds a frame with an unknown field', async () => {
    const inner = packBatch([bytes('0a0161'), bytes('0a0162')]);
    const [first = Buffer.alloc(0)] = unpackBatch(packBatch([inner, bytes('0a0163')]));
    for (const frame of [wire.envelope, wire.crossing, wire.delivery, wire.appendRequest, wire.appendReply])
      expect(await codeOf(() => frame.decode(first))).toBe('frame-malformed');
  });
});

describe('how many fit', () => {
  test('takes as many as a batch holds, and always one', () => {
    expect(BATCHING.fitting([LIMITS.transit])).toBe(1);
    expect(BATCHING.fitting([LIMITS.transit, 1])).toBe(1);
    expect(BATCHING.fitting([1, LIMITS.transit])).toBe(1);
    expect(BATCHING.fitting(Array.from({ length: 100 }, () => 1))).toBe(LIMITS.batchItems);
    expect(BATCHING.fitting([])).toBe(0);
  });

  test('what it takes is read again, to the last byte', () => {
    for (const size of [1, 127, 128, 6000, 6001, 16_384, LIMITS.batch / 4]) {
      const sizes = Array.from({ length: 100 }, () => size);
      const items = sizes.slice(0, BATCHING.fitting(sizes)).map((each) => Buffer.alloc(each));
      expect(unpackBatch(packBatch(items)).length).toBe(items.length);
    }
  });
});
