import { Writer } from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { wireVectors } from './fixture/vectors.js';
import { LIMITS } from './limits.js';
import * as wire from './wire.js';

interface Codec {
  encode(message: object): Uint8Array;
  decode(bytes: Uint8Array): object;
}

const FRAMES = Object.fromEntries(
  Object.entries(wire)
    .filter(([, value]) => typeof value === 'object' && 'decode' in value)
    .map(([name, codec]) => [name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), codec as Codec]),
);

/** What each frame may measure, said a second time: a limit that moves is a decision. */
const LONGEST: Readonly<Record<string, number>> = {
  envelope: 488 * 1024,
  body: 320 * 1024 + 64,
  header: 24 * 1024,
  leaf: 64 * 1024,
  record: 64 * 1024,
  entry: 128 * 1024,
  'append-request': 64 * 1024 + 64,
  'append-reply': 760 * 1024,
  passage: 760 * 1024,
  batch: 384 * 1024,
  crossing: 760 * 1024,
  delivery: 760 * 1024,
  'preflight-request': 64 * 1024,
  'preflight-reply': 64 * 1024,
  'signed-part': 1024 * 1024,
  'nation-list': 1024 * 1024,
  'nation-part': 1024 * 1024,
  'directory-bundle': 16 * 1024 * 1024,
  'pack-bundle': 704 * 1024,
  'evidence-file': 48 * 1024 * 1024,
  'evidence-message': 344 * 1024 + 128,
};

const VECTORS = wireVectors();

test('every frame has vectors, and every file of vectors is a frame', () => {
  expect(VECTORS.map(([file]) => file).sort()).toEqual(Object.keys(FRAMES).sort());
  expect(VECTORS.map(([, { frame }]) => frame)).toEqual(VECTORS.map(([file]) => file));
  expect(Object.keys(LONGEST).sort()).toEqual(Object.keys(FRAMES).sort());
});

describe.each(VECTORS)('%s', (name, { valid, invalid }) => {
  const frame = FRAMES[name] as Codec;
  const limit = LONGEST[name] as number;

  test('has at least 3 valid vectors and 6 invalid ones, all different', () => {
    expect(new Set(valid.map(({ hex }) => hex)).size).toBe(valid.length);
    expect(new Set(invalid.map(({ hex }) => hex)).size).toBe(invalid.length);
    expect(valid.length).toBeGreaterThanOrEqual(3);
    expect(invalid.length).toBeGreaterThanOrEqual(6);
  });

  test.each(valid.map((vector) => [vector.comment, vector] as const))('reads and writes: %s', (_, vector) => {
    const bytes = Buffer.from(vector.hex, 'hex');
    expect(withHex(frame.decode(bytes))).toEqual(vector.decoded);
    expect(withHex(frame.decode(new Uint8Array(bytes)))).toEqual(vector.decoded);
    expect(hexOf(frame.encode(withBytes(vector.decoded) as object))).toBe(vector.hex);
  });

  test.each(invalid.map((vector) => [vector.comment, vector] as const))('refuses: %s', (_, { hex, code }) => {
    expect(codeOf(() => frame.decode(Buffer.from(hex, 'hex')))).toBe(code);
    expect(codeOf(() => frame.decode(new Uint8Array(Buffer.from(hex, 'hex'))))).toBe(code);
  });

  test('refuses one byte more than the limit before it is parsed', () => {
    expect(codeOf(() => frame.decode(Buffer.alloc(limit + 1, 0xff)))).toBe('too-large');
    expect(codeOf(() => frame.decode(Buffer.alloc(limit, 0xff)))).toBe('frame-malformed');
  });

  test('refuses every prefix of a valid frame that is not a frame itself, and never fails in another way', () => {
    for (const { hex } of valid) {
      const bytes = Buffer.from(hex, 'hex');
      for (let length = 0; length < bytes.length; length++) {
        const prefix = bytes.subarray(0, length);
        expect(['accepted', 'frame-malformed']).toContain(codeOf(() => frame.decode(prefix)));
        if (codeOf(() => frame.decode(prefix)) === 'accepted') {
          expect(hexOf(frame.encode(frame.decode(prefix)))).toBe(hexOf(prefix));
        }
      }
    }
  });

  test('hands out nothing that does not encode to the very bytes, whatever bit is flipped', () => {
    for (const { hex } of valid) {
      for (let bit = 0; bit < hex.length * 4; bit++) {
        const bytes = Buffer.from(hex, 'hex');
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const code = codeOf(() => frame.decode(bytes));
        expect(['accepted', 'frame-malformed']).toContain(code);
        if (code === 'accepted') expect(hexOf(frame.encode(frame.decode(bytes)))).toBe(hexOf(bytes));
      }
    }
  });
});

describe('a frame', () => {
  test('takes the longest body that the limit on content allows', () => {
    const bytes = wire.body.encode({ salt: Buffer.alloc(16), content: Buffer.alloc(LIMITS.content) });
    expect(wire.body.decode(bytes).content.length).toBe(LIMITS.content);
  });

  test('hands out its own fields, and nothing of the decoder’s', () => {
    const [, header] = VECTORS.find(([name]) => name === 'header') ?? [];
    const decoded = wire.header.decode(Buffer.from(header?.valid[0]?.hex ?? '', 'hex'));
    expect(Object.keys(decoded)).toEqual(Object.keys(header?.valid[0]?.decoded ?? {}));
    expect(Object.keys(decoded)).not.toContain('$unknowns');
  });

  test('refuses a million groups, one in the other, without a crash', () => {
    expect(codeOf(() => wire.passage.decode(Buffer.alloc(700_000, 0x7b)))).toBe('frame-malformed');
  });

  test('takes a thousand empty proofs: how many there may be is for their reader to say', () => {
    const writer = Writer.create();
    for (let i = 0; i < 1000; i++) writer.uint32(18).uint32(0);
    expect(wire.passage.decode(writer.finish()).proofs).toHaveLength(1000);
  });
});

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** In the vectors, bytes are `{ "hex": … }`: text and bytes cannot be taken for each other. */
function withHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: hexOf(value) };
  if (Array.isArray(value)) return value.map(withHex);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withHex(item)]));
}

function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== 'object' || value === null) return value;
  if ('hex' in value) return Buffer.from(String(value.hex), 'hex');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBytes(item)]));
}
