import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { base64url } from './fixture/forge.js';
import { parseCompact } from './parse-compact.js';

const SHAPE = { segments: 3, maxBytes: 24 * 1024, members: ['alg', 'kid', 'typ'] } as const;
const HEADER = '{"alg":"Ed25519","kid":"k","typ":"t"}';
const parse = (text: string | Uint8Array) =>
  parseCompact(typeof text === 'string' ? Buffer.from(text) : text, SHAPE);
const withHeader = (header: string | Uint8Array) =>
  `${base64url(header)}.${base64url('payload')}.${base64url('sig')}`;
const GOOD = withHeader(HEADER);

describe('parseCompact takes', () => {
  test('the strict form', () => {
    const { text, header, segments } = parse(GOOD);
    expect(text).toBe(GOOD);
    expect(header).toEqual({ alg: 'Ed25519', kid: 'k', typ: 't' });
    expect(segments).toEqual(GOOD.split('.'));
  });

  test('a part of a larger buffer, and nothing around it', () => {
    const bytes = Buffer.from(`xx${GOOD}xx`);
    expect(parse(new Uint8Array(bytes.buffer, bytes.byteOffset + 2, GOOD.length)).text).toBe(GOOD);
  });

  test('its members in any order: the order is signed', () => {
    expect(parse(withHeader('{"typ":"t","alg":"a"}')).header).toEqual({ typ: 't', alg: 'a' });
  });

  test('five parts, of which one is empty, where five are expected', () => {
    const text = `${base64url(HEADER)}..aXY.Y3Q.dGFn`;
    expect(parseCompact(Buffer.from(text), { ...SHAPE, segments: 5 }).segments).toHaveLength(5);
  });

  test.each([0, 1, 2, 3, 24_575, 24_576, 24_577, 24_578, 49_152, 200_000])(
    'a part of %i bytes, which is looked at piece by piece',
    (length) => {
      const part = randomBytes(length);
      const text = `${base64url(HEADER)}.${base64url(part)}.${base64url('sig')}`;
      const { parts } = parseCompact(Buffer.from(text), { ...SHAPE, maxBytes: 500_000 });
      expect(parts[1]).toEqual(part);
    },
  );

  test('as many bytes as are allowed', async () => {
    const shape = { ...SHAPE, maxBytes: GOOD.length };
    expect(await codeOf(() => parseCompact(Buffer.from(GOOD), shape))).toBe('accepted');
    expect(await codeOf(() => parseCompact(Buffer.from(`${GOOD}a`), shape))).toBe('too-large');
  });
});

describe('parseCompact refuses', () => {
  const LONG = base64url(Buffer.alloc(50_000, 0xff));

  test.each([
    ['another alphabet in its first piece', LONG.replace('_', '/')],
    ['another alphabet in its last piece', LONG.replace(/_(?=[^_]*$)/, '/')],
    ['bits left over at its end', LONG.replace(/.$/, '9')],
    ['padding', `${LONG}=`],
    ['a digit too many', `${base64url(Buffer.alloc(49_998))}A`],
    ['white space between two pieces', `${LONG.slice(0, 32_768)} ${LONG.slice(32_768)}`],
  ])('a long part with %s', async (_, part) => {
    const text = Buffer.from(`${base64url(HEADER)}.${part}.${base64url('sig')}`);
    expect(part).not.toBe(LONG);
    expect(await codeOf(() => parseCompact(text, { ...SHAPE, maxBytes: 500_000 }))).toBe('seal-malformed');
  });

  test('10 MB before it looks at them', async () => {
    expect(await codeOf(() => parse(Buffer.alloc(10_000_000, 0x2e)))).toBe('too-large');
  });

  test.each([
    ['nothing', ''],
    ['dots alone', '..'],
    ['one part', base64url(HEADER)],
    ['two parts', GOOD.slice(0, GOOD.lastIndexOf('.'))],
    ['four parts', `${GOOD}.`],
    ['five parts', `${GOOD}..`],
    ['24 KB of dots', '.'.repeat(24 * 1024)],
    ['an empty header', GOOD.slice(GOOD.indexOf('.'))],
    ['white space in front', ` ${GOOD}`],
    ['white space after the end', `${GOOD} `],
    ['a newline after the end', `${GOOD}\n`],
    ['a newline around a dot', GOOD.replace('.', '.\n')],
    ['a tab within a part', `${GOOD.slice(0, 4)}\t${GOOD.slice(4)}`],
    ['a NUL after the end', `${GOOD}\0`],
    ['padding', `${GOOD}=`],
    ['padding of the payload', GOOD.replace(`.${base64url('payload')}.`, `.${base64url('payload')}==.`)],
    ['the alphabet of plain base64', `${GOOD.slice(0, -4)}a+/a`],
    ['a letter beyond ASCII', `${GOOD.slice(0, -1)}é`],
    ['a letter of full width', `${GOOD.slice(0, -1)}ａ`],
    ['an emoji', `${GOOD}😀`],
    ['a byte order mark', `\ufeff${GOOD}`],
    ['a percent sign', GOOD.replace('.', '%2e')],
    ['JSON serialization', '{"payload":"e30","protected":"e30","signature":"c2ln"}'],
  ])('%s', async (_, text) => {
    expect(await codeOf(() => parse(text))).toBe('seal-malformed');
  });

  test.each([1, 2, 3])('bits left over at the end of a part of %i bytes', async (size) => {
    const last = base64url(Buffer.alloc(size));
    const loose = ['A', 'B', 'C', 'D', 'P', 'Q', '_'].map((letter) => `${last.slice(0, -1)}${letter}`);
    for (const part of loose) {
      const isCanonical = Buffer.from(part, 'base64url').toString('base64url') === part;
      expect(await codeOf(() => parse(`${base64url(HEADER)}.${part}.${part}`))).toBe(
        isCanonical ? 'accepted' : 'seal-malformed',
      );
    }
  });

  test('a part of one letter, which is no byte', async () => {
    expect(await codeOf(() => parse(`${base64url(HEADER)}.A.AAAA`))).toBe('seal-malformed');
    expect(await codeOf(() => parse(`${base64url(HEADER)}.AAAAA.AAAA`))).toBe('seal-malformed');
  });

  const MEMBERS = [
    ['jwk', '{"kty":"OKP","crv":"Ed25519","x":"AA"}'],
    ['jku', '"https://evil.example/keys"'],
    ['x5u', '"https://evil.example/cert"'],
    ['x5c', '["AA"]'],
    ['x5t', '"AA"'],
    ['crit', '["b64"]'],
    ['b64', 'false'],
    ['cty', '"JWT"'],
    ['zip', '"DEF"'],
    ['constructor', '1'],
    ['__proto__', '{"alg":"none"}'],
    ['toString', '1'],
    ['ALG', '"none"'],
    ['alg ', '"none"'],
    ['', '1'],
    ['0', '1'],
    ['length', '1'],
  ] as const;
  test.each(MEMBERS)('the header member "%s"', async (name, value) => {
    const header = `{"alg":"Ed25519","kid":"k","typ":"t","${name}":${value}}`;
    expect(await codeOf(() => parse(withHeader(header)))).toBe('seal-malformed');
  });

  test.each([
    ['a member twice', '{"alg":"none","alg":"Ed25519"}'],
    ['a member twice with the same value', '{"alg":"Ed25519","alg":"Ed25519"}'],
    ['a member twice, once with an escape', '{"alg":"Ed25519","\\u0061lg":"none"}'],
    ['white space', '{"alg": "Ed25519"}'],
    ['white space in front', ' {"alg":"Ed25519"}'],
    ['a newline at the end', '{"alg":"Ed25519"}\n'],
    ['an escape in a value', '{"alg":"Ed2551\\u0039"}'],
    ['an escaped slash', '{"kid":"a\\/b"}'],
    ['an escape in capitals', '{"kid":"\\u001F"}'],
    ['a number with a point', '{"kid":1.0}'],
    ['a number with an exponent', '{"kid":1e0}'],
    ['minus zero', '{"kid":-0}'],
    ['a number beyond all numbers', '{"kid":1e999}'],
    ['a list', '["alg"]'],
    ['null', 'null'],
    ['a string', '"alg"'],
    ['a number', '1'],
    ['nothing', ''],
    ['what is not JSON', 'alg=none'],
    ['JSON and more', '{"alg":"Ed25519"}{}'],
    ['a byte order mark', '\ufeff{"alg":"Ed25519"}'],
    ['a NUL', '{"alg":"Ed25519"}\0'],
    ['a thousand levels', `{"kid":${'['.repeat(1000)}${']'.repeat(1000)}`],
    ['more than 2 KB', `{"kid":"${'k'.repeat(2048)}"}`],
    ['nesting without an end', '['.repeat(16_000)],
  ])('a header with %s', async (_, header) => {
    expect(await codeOf(() => parse(withHeader(header)))).toBe('seal-malformed');
  });

  test.each([
    ['a byte that is none', [0xff]],
    ['another byte that is none', [0xfe]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a character in too many bytes', [0xc0, 0xaf]],
  ])('a header that is not UTF-8: %s', async (_, bytes) => {
    const header = Buffer.concat([Buffer.from('{"kid":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(await codeOf(() => parse(withHeader(header)))).toBe('seal-malformed');
  });

  test('a member whose name only looks like one of ours', async () => {
    expect(await codeOf(() => parse(withHeader('{"alg":"a","a\u006cg\u0301":"b"}')))).toBe('seal-malformed');
  });
});
