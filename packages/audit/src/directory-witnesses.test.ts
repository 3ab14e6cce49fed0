import { expect, test } from 'vitest';
import { witnessesOf } from './directory-witnesses.js';

const VKEY = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2';
const valid = { url: 'https://witness.example', validFromMs: 1, validUntilMs: 2 };

test('witnesses come with their nation; one whose key cannot be used is left out, and no other', () => {
  const found = witnessesOf([
    { nation: 'DE', witnesses: [{ name: 'broken', vkey: 'nothing', ...valid }] },
    { nation: 'FR', witnesses: [{ name: 'good', vkey: VKEY, ...valid }] },
    { nation: 'NL', witnesses: [] },
  ]);
  expect(found.map(({ nation, name, key, url }) => [nation, name, key.name, url])).toEqual([
    ['FR', 'good', 'remora.n621.de', 'https://witness.example'],
  ]);
});
