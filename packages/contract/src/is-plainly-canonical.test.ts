import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SHAPES } from '../gen/shapes.js';
import { entente } from '../gen/wire.js';
import { wireVectors } from './fixture/vectors.js';
import { isPlainlyCanonical } from './is-plainly-canonical.js';

// An attacker controls every byte; what is called plain here is not encoded again, so it must be what encoding gives.

interface Codec {
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}

const ENDINGS = { longs: Number, defaults: true, arrays: true, objects: true };

function encodedAgain(codec: Codec, bytes: Uint8Array): Uint8Array | undefined {
  try {
    return codec.encode(codec.toObject(codec.decode(bytes), ENDINGS)).finish();
  } catch {
    return undefined;
  }
}

const NAMES: Readonly<Record<string, keyof typeof SHAPES>> = Object.fromEntries(
  Object.keys(SHAPES).map((name) => [
    name.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase(),
    name as keyof typeof SHAPES,
  ]),
);

describe.each(wireVectors())('%s', (file, { valid, invalid }) => {
  const name = NAMES[file] as keyof typeof SHAPES;
  const codec = entente.v1[name as 'Header'] as unknown as Codec;
  const shape = SHAPES[name];

  test('is plain where all of it is ASCII and small, which real traffic is', () => {
    expect(valid.filter(({ hex }) => isPlainlyCanonical(Buffer.from(hex, 'hex'), shape))).not.toEqual([]);
  });

  test('is never plain where a vector says that it is refused for its encoding', () => {
    for (const { hex, code } of invalid)
      if (code === 'frame-malformed') {
        const bytes = Buffer.from(hex, 'hex');
        expect([hex, encodedAgain(codec, bytes) && isPlainlyCanonical(bytes, shape)]).not.toEqual([
          hex,
          true,
        ]);
      }
  });

  test('is never plain where encoding it again gives other bytes, however it is changed', () => {
    const seeds = valid.map(({ hex }) => Buffer.from(hex, 'hex')).filter(({ length }) => length < 4096);
    const change = fc.record({
      ...{ seed: fc.nat(), at: fc.nat(), to: fc.nat(), from: fc.nat(), length: fc.nat({ max: 40 }) },
      bytes: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let bytes = seeds[(changes[0]?.seed ?? 0) % seeds.length] as Buffer;
        for (const one of changes) bytes = spliced(bytes, one);
        const again = encodedAgain(codec, bytes);
        if (again && isPlainlyCanonical(bytes, shape))
          expect(Buffer.from(again).toString('hex')).toBe(bytes.toString('hex'));
      }),
      { numRuns: 2000 },
    );
  });
});

interface Splice {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** Writes bytes, or a part of the same message once more, over some of it or in between. */
function spliced(bytes: Buffer, { at, from, to, length, bytes: other }: Splice): Buffer {
  const [cut, start] = [at % (bytes.length + 1), from % (bytes.length + 1)];
  const part = other.length > 0 ? other : bytes.subarray(start, start + length);
  const skipped = to % 3 === 0 ? 0 : part.length;
  return Buffer.concat([bytes.subarray(0, cut), part, bytes.subarray(cut + skipped)]);
}
