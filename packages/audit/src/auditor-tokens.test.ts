import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseAuditors } from './auditor-tokens.js';

const ONE = 'a-token-of-auditors';
const TWO = 'another-token-of-theirs';

test('knows each auditor by its token', () => {
  const { find } = parseAuditors(`court ${ONE}\n\n  ministry.de   ${TWO} \n`);
  expect([`Bearer ${ONE}`, `Bearer ${TWO}`].map(find)).toEqual(['court', 'ministry.de']);
  expect(['', ONE, `bearer ${ONE}`, `Bearer ${ONE} `, 'Bearer court', 'Bearer '].map(find)).toEqual(
    Array(6).fill(undefined),
  );
});

test('a single token without a name is that of the auditor', () => {
  expect(parseAuditors(`${ONE}\n`).find(`Bearer ${ONE}`)).toBe('auditor');
});

test('a log can name each without its token, and another token is another auditor', () => {
  const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');
  const { named } = parseAuditors(`ministry ${TWO}\ncourt ${ONE}`);
  expect(named).toEqual([`court ${sha256(ONE)}`, `ministry ${sha256(TWO)}`]);
  expect(parseAuditors(`auditor ${ONE}`).named).toEqual(parseAuditors(ONE).named);
  expect(parseAuditors(TWO).named).not.toEqual(parseAuditors(ONE).named);
});

test.each([
  ['nothing', ''],
  ['two tokens without names', `${ONE}\n${TWO}`],
  ['a name without a token', `court ${ONE}\nministry`],
  ['a short token', 'court short'],
  ['three words', `court ${ONE} x`],
  ['a name in capitals', `Court ${ONE}`],
  ['a name twice', `court ${ONE}\ncourt ${TWO}`],
  ['a token twice', `court ${ONE}\nministry ${ONE}`],
])('refuses %s, and shows no token', (_, text) => {
  const attempt = () => parseAuditors(text);
  expect(attempt).toThrow();
  expect(attempt).not.toThrow(ONE);
});
