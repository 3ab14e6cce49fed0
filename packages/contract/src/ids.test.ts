import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { isEnvelopeId, isMemberId, type MemberId, nationOf, newId } from './ids.js';
import { crossEmergencySubject, crossSubject, memberToken, subjects } from './subjects.js';

const MEMBERS = ['hotline.de', 'a.fr', '1-2.nl', `${'a'.repeat(31)}.de`, 'x--y.at'];

const NOT_MEMBERS = [
  ['nothing', ''],
  ['a nation alone', 'de'],
  ['no name', '.de'],
  ['no nation', 'hotline.'],
  ['a nation of three letters', 'hotline.deu'],
  ['a nation of digits', 'hotline.12'],
  ['capitals', 'Hotline.de'],
  ['a nation in capitals', 'hotline.DE'],
  ['two dots', 'a.b.de'],
  ['a hyphen in front', '-a.de'],
  ['an underscore, which would be another member’s token', 'a_b.de'],
  ['a NUL inside', 'hot\0line.de'],
  ['a NUL at the end', 'hotline.de\0'],
  ['a newline at the end', 'hotline.de\n'],
  ['white space in front', ' hotline.de'],
  ['a path', '../hotline.de'],
  ['a slash', 'a/b.de'],
  ['a backslash', 'a\\b.de'],
  ['a wildcard of NATS', '*.de'],
  ['the other wildcard of NATS', '>.de'],
  ['a letter that looks like one of ours', 'hоtline.de'],
  ['a digit of another script', '١.de'],
  ['an escape', 'hotline%2ede'],
  ['a URL', 'https://hotline.de'],
  ['a name too long by one', `${'a'.repeat(32)}.de`],
  ['a million characters', `${'a'.repeat(1_000_000)}.de`],
] as const;

const NOT_IDS = [
  ['nothing', ''],
  ['one digit too few', 'a'.repeat(31)],
  ['one digit too many', 'a'.repeat(33)],
  ['capitals', 'A'.repeat(32)],
  ['a letter that is no digit', `${'a'.repeat(31)}g`],
  ['a newline at the end', `${'a'.repeat(32)}\n`],
  ['a NUL', `${'a'.repeat(31)}\0`],
  ['a path', '../../../../../../../etc/passwd0'],
  ['hyphens of a UUID', '0e4d2a1c-0b1a-4d6e-9a3f-1c2d3e4f'],
  ['digits of another script', '٠'.repeat(32)],
] as const;

describe('a member’s id', () => {
  test.each(MEMBERS)('is %s', (text) => {
    expect(isMemberId(text)).toBe(true);
    expect(nationOf(text)).toMatch(/^[A-Z]{2}$/);
  });

  test.each(NOT_MEMBERS)('is not %s', (_, text) => {
    expect(isMemberId(text)).toBe(false);
    expect(codeOf(() => nationOf(text))).toBe('id-malformed');
  });

  test('that is refused is not repeated at length', () => {
    expect(() => nationOf('x'.repeat(100_000))).toThrow(expect.objectContaining({ code: 'id-malformed' }));
    try {
      nationOf('x'.repeat(100_000));
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(100);
    }
  });

  test('says the nation', () => {
    expect(nationOf('hotline.de')).toBe('DE');
  });
});

describe('a message’s id', () => {
  test.each(NOT_IDS)('is not %s', (_, text) => {
    expect(isEnvelopeId(text)).toBe(false);
  });

  test('is 16 random bytes in hex, another one each time', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => newId()));
    expect(ids.size).toBe(1000);
    for (const id of ids) expect(isEnvelopeId(id)).toBe(true);
  });

  test('comes from the source of chance that is given', () => {
    expect(newId((size) => new Uint8Array(size).fill(0xab))).toBe('ab'.repeat(16));
  });
});

describe('subjects', () => {
  const member = 'hotline.de' as MemberId;

  test('are those of the design', () => {
    expect(subjects.out(member)).toBe('edge.out.hotline_de');
    expect(subjects.emergency(member)).toBe('edge.emergency.hotline_de');
    expect(subjects.in(member)).toBe('edge.in.hotline_de');
    expect(subjects.inEmergency(member)).toBe('edge.in-emergency.hotline_de');
    expect(subjects.preflight(member)).toBe('gate.preflight.hotline_de');
    expect(subjects.append).toBe('ledger.append');
    expect(crossSubject('FR', 'DE', member)).toBe('cross.FR.DE.hotline_de');
    expect(crossEmergencySubject('FR', 'DE')).toBe('cross-emergency.FR.DE');
  });

  test('of two members are never the same', () => {
    const tokens = MEMBERS.map(memberToken);
    expect(new Set(tokens).size).toBe(MEMBERS.length);
    for (const token of tokens) expect(token).toMatch(/^[a-z0-9-]+_[a-z]{2}$/);
  });
});
