import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { wireVectors } from './fixture/vectors.js';
import { LIMITS } from './limits.js';
import { readParties } from './read-parties.js';
import { header } from './wire.js';

const [, { valid, invalid }] = wireVectors().find(([file]) => file === 'header') as ReturnType<
  typeof wireVectors
>[number];
const bytesOf = ({ hex }: { readonly hex: string }) => Buffer.from(hex, 'hex');

/** What whoever asks learns: between whom, or why not. */
function learnt(read: typeof readParties, bytes: Uint8Array): unknown {
  let parties: unknown;
  const code = codeOf(() => {
    const { from, to } = read(bytes);
    parties = { from, to };
  });
  return parties ?? code;
}

test('are those of the whole header, of every vector', () => {
  expect(valid.map((one) => readParties(bytesOf(one)).from)).toContain('hotline.de');
  for (const one of [...valid, ...invalid])
    expect([one.hex, learnt(readParties, bytesOf(one))]).toEqual([
      one.hex,
      learnt(header.decode, bytesOf(one)),
    ]);
});

test('are read of no header that is longer than one may be', () => {
  expect(codeOf(() => readParties(Buffer.alloc(LIMITS.seal + 1)))).toBe('too-large');
});

test('are refused where the whole header is, however its bytes are changed', () => {
  const seeds = valid.map(bytesOf);
  const change = fc.record({
    ...{
      seed: fc.nat(),
      at: fc.nat(),
      from: fc.nat(),
      length: fc.nat({ max: 40 }),
      cuts: fc.nat({ max: 3 }),
    },
    bytes: fc.uint8Array({ maxLength: 3 }),
  });
  fc.assert(
    fc.property(change, ({ seed, at, from, length, cuts, bytes: other }) => {
      const bytes = seeds[seed % seeds.length] as Buffer;
      const [cut, start] = [at % (bytes.length + 1), from % (bytes.length + 1)];
      const part = other.length > 0 ? other : bytes.subarray(start, start + length);
      const changed = Buffer.concat([bytes.subarray(0, cut), part, bytes.subarray(cut + cuts)]);
      expect(learnt(readParties, changed)).toEqual(learnt(header.decode, changed));
    }),
    { numRuns: 5000 },
  );
});
