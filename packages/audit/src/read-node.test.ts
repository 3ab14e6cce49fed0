import { expect, test } from 'vitest';
import { leafHash } from './merkle.js';
import { readThrough } from './read-node.js';

test('readThrough answers from the given nodes, then asks storage once for each node', () => {
  const asked: string[] = [];
  const own = leafHash(Buffer.from('own'));
  const stored = leafHash(Buffer.from('stored'));
  const read = readThrough([{ level: 3, index: 2, hash: own }], (level, index) => {
    asked.push(`${level}/${index}`);
    return index === 9 ? undefined : stored;
  });
  expect([read(3, 2), read(3, 3), read(3, 3), read(0, 3)]).toEqual([own, stored, stored, stored]);
  expect(asked).toEqual(['3/3', '0/3']);
});

test('readThrough asks again for what storage did not have', () => {
  let asked = 0;
  const read = readThrough([], () => {
    asked++;
    return undefined;
  });
  expect([read(0, 0), read(0, 0), asked]).toEqual([undefined, undefined, 2]);
});
