import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { READERS } from '../gen/readers.js';
import { entente } from '../gen/wire.js';
import { wireVectors } from './fixture/vectors.js';
import { readPlain } from './read-plain.js';

// An attacker controls every byte. What is read here is neither decoded by protobufjs nor encoded again, so it must be, to the
// order of its fields, what protobufjs hands out, and the bytes what encoding that gives.

interface Codec {
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}
type Name = keyof typeof READERS;

const ENDINGS = { longs: Number, defaults: true, arrays: true, objects: true };
const codecOf = (name: Name) => entente.v1[name as 'Header'] as unknown as Codec;

/** What protobufjs reads, and the bytes that it makes of that; undefined where it cannot. */
function readSlowly(name: Name, bytes: Buffer): { read: object; again: string } | undefined {
  try {
    const read = codecOf(name).toObject(codecOf(name).decode(bytes), ENDINGS);
    return { read, again: hexOf(codecOf(name).encode(read).finish()) };
  } catch {
    return undefined;
  }
}

/** @returns whether the bytes were read as plain ones; then both have read the same */
function isReadTheSame(name: Name, bytes: Buffer): boolean {
  const plain = readPlain(bytes, READERS[name]);
  if (plain === undefined) return false;
  const slow = readSlowly(name, bytes);
  expect(slow?.again).toBe(hexOf(bytes));
  expect(inOrder(plain)).toBe(inOrder(slow?.read));
  return true;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** With the order of fields, and what is bytes told from what is text. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, item) {
    const own = this[key];
    return own instanceof Uint8Array ? { hex: hexOf(own) } : item;
  });
}

const NAMES: Readonly<Record<string, Name>> = Object.fromEntries(
  Object.keys(READERS).map((name) => [
    name.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase(),
    name as Name,
  ]),
);

describe.each(wireVectors())('%s', (file, { valid, invalid }) => {
  const name = NAMES[file] as Name;

  test('is plain where all of it is ASCII and small, which real traffic is', () => {
    expect(valid.filter(({ hex }) => isReadTheSame(name, Buffer.from(hex, 'hex')))).not.toEqual([]);
  });

  test('is never plain where a vector says that it is refused', () => {
    const refused = invalid.filter(({ code }) => code === 'frame-malformed');
    expect(refused.filter(({ hex }) => readPlain(Buffer.from(hex, 'hex'), READERS[name]))).toEqual([]);
  });

  test('is never plain where encoding it again gives other bytes, however it is changed', () => {
    const seeds = valid.map(({ hex }) => Buffer.from(hex, 'hex')).filter(({ length }) => length < 4096);
    fc.assert(
      fc.property(fc.nat(), changes(1), (seed, splices) => {
        isReadTheSame(name, splices.reduce(spliced, seeds[seed % seeds.length] as Buffer));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('of every message', () => {
  const folder = join(import.meta.dirname, '../../../proto/wire');
  const files = readdirSync(folder).map((file) => join(folder, file));
  const root = protobuf.loadSync(files).resolveAll();

  test.each(Object.keys(READERS) as Name[])('%s: what can stand in it, and any change of that', (name) => {
    const type = root.lookupType(`entente.v1.${name}`);
    fc.assert(
      fc.property(draftOf(type), changes(0), (draft, splices) => {
        const bytes = Buffer.from(codecOf(name).encode(draft).finish());
        isReadTheSame(name, bytes);
        isReadTheSame(name, splices.reduce(spliced, bytes));
      }),
      { numRuns: 500 },
    );
  });

  test.each(Object.keys(READERS) as Name[])('%s: plain whatever words and numbers stand in it', (name) => {
    const type = root.lookupType(`entente.v1.${name}`);
    fc.assert(
      fc.property(draftOf(type, true), (draft) => {
        expect(isReadTheSame(name, Buffer.from(codecOf(name).encode(draft).finish()))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

/** Any message of this type; or one that has to be plain. */
function draftOf(type: protobuf.Type, isPlain = false): fc.Arbitrary<object> {
  const fields = type.fieldsArray.map(({ name, type: kind, resolvedType, repeated }) => {
    const one =
      resolvedType instanceof protobuf.Type ? draftOf(resolvedType, isPlain) : scalarOf(kind, isPlain);
    const isPacked = repeated && kind === 'uint32';
    return [name, repeated ? fc.array(one, { maxLength: isPacked && isPlain ? 0 : 3 }) : one] as const;
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
}

const WORDS = fc.constantFrom(
  '',
  'crossing',
  'leave',
  'permit',
  'a'.repeat(24),
  'a'.repeat(25),
  'ab'.repeat(200),
);

function scalarOf(kind: string, isPlain: boolean): fc.Arbitrary<unknown> {
  const ascii = fc.oneof(WORDS, fc.string({ unit: 'binary-ascii', maxLength: 30 }));
  if (kind === 'string') return isPlain ? ascii : fc.oneof(ascii, fc.string({ unit: 'grapheme' }));
  if (kind === 'bytes') return fc.uint8Array({ maxLength: 200 });
  if (kind === 'bool') return fc.boolean();
  if (kind === 'fixed64')
    return fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1));
  const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 21, 2 ** 28 - 1];
  return fc.oneof(
    fc.nat(2 ** 28 - 1),
    fc.constantFrom(...numbers, ...(isPlain ? [] : [2 ** 28, 2 ** 31 - 1])),
  );
}

interface Splice {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

function changes(minLength: number): fc.Arbitrary<Splice[]> {
  const change = fc.record({
    ...{ at: fc.nat(), to: fc.nat(), from: fc.nat(), length: fc.nat({ max: 40 }) },
    bytes: fc.uint8Array({ maxLength: 3 }),
  });
  return fc.array(change, { minLength, maxLength: 3 });
}

/** Writes bytes, or a part of the same message once more, over some of it or in between. */
function spliced(bytes: Buffer, { at, from, to, length, bytes: other }: Splice): Buffer {
  const [cut, start] = [at % (bytes.length + 1), from % (bytes.length + 1)];
  const part = other.length > 0 ? other : bytes.subarray(start, start + length);
  const skipped = to % 3 === 0 ? 0 : part.length;
  return Buffer.concat([bytes.subarray(0, cut), part, bytes.subarray(cut + skipped)]);
}
