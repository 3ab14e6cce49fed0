import { describe, expect, test } from 'vitest';
import { formatAddCheckpoint, MAX_REQUEST_BYTES, parseAddCheckpoint } from './add-checkpoint.js';
import { codeOf } from './fixture/code-of.js';

// The example of C2SP tlog-witness.
const EXAMPLE = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;

describe('an add-checkpoint request', () => {
  test('as C2SP gives it is read, and written back the same', () => {
    const request = parseAddCheckpoint(EXAMPLE);
    expect([request.oldSize, request.proof.length, request.note.split('\n')[1]]).toEqual([
      20852014,
      4,
      '20852163',
    ]);
    expect(formatAddCheckpoint(request)).toBe(EXAMPLE);
  });

  test.each([
    ['without an old size', EXAMPLE.replace('old 20852014\n', '')],
    ['with two spaces', EXAMPLE.replace('old ', 'old  ')],
    ['with a leading zero', EXAMPLE.replace('old 2', 'old 02')],
    ['with a sign', EXAMPLE.replace('old 2', 'old -2')],
    ['with a hash that is none', EXAMPLE.replace('PlRN', 'PlR')],
    ['with 64 hashes', EXAMPLE.replace(/(PlRN.*\n)/, '$1'.repeat(61))],
    ['without an empty line', EXAMPLE.replace('\n\n', '\n').replace('\n\n', '\n')],
    ['with carriage returns', EXAMPLE.replaceAll('\n', '\r\n')],
    ['that is empty', ''],
    ['of an endless proof', `old 1\n${'AAAA\n'.repeat(20_000)}\n`],
  ])('%s is refused', (_, text) => {
    expect(codeOf(() => parseAddCheckpoint(text))).toBe('request-malformed');
  });

  test('longer than the limit is not looked at', () => {
    expect(codeOf(() => parseAddCheckpoint(Buffer.alloc(MAX_REQUEST_BYTES + 1, 65)))).toBe('too-large');
  });
});
