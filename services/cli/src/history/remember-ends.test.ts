import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createEndsOf } from './remember-ends.js';

const hash = (n: number) => createHash('sha256').update(String(n)).digest();
const ends = (n: number) => ({ from: `member-${n % 7}.de`, to: `member-${n % 5}.fr` });

test('remembers both ends of many messages, also once it was saved', () => {
  const first = createEndsOf();
  for (let n = 0; n < 5000; n++) first.set(hash(n), ends(n));
  const second = createEndsOf(JSON.parse(JSON.stringify(first.save())));
  for (let n = 5000; n < 6000; n++) second.set(hash(n), ends(n));
  for (let n = 0; n < 6000; n++) expect(second.get(hash(n))).toEqual(ends(n));
  expect(second.get(hash(6000))).toBeUndefined();
  expect(first.get(hash(5500))).toBeUndefined();
});

test('keeps the first that is said of a message, and forgets what is older than so many', () => {
  const kept = createEndsOf(undefined, 100);
  kept.set(hash(0), ends(0));
  kept.set(hash(0), ends(1));
  expect(kept.get(hash(0))).toEqual(ends(0));
  for (let n = 1; n < 150; n++) kept.set(hash(n), ends(n));
  expect(kept.get(hash(0))).toEqual(ends(0));
  for (let n = 150; n < 250; n++) kept.set(hash(n), ends(n));
  expect(kept.get(hash(0))).toBeUndefined();
  expect(kept.get(hash(150))).toEqual(ends(150));
});

test('keeps the first that is said of a message also where that is in the generation before', () => {
  const kept = createEndsOf(undefined, 100);
  for (let n = 0; n < 101; n++) kept.set(hash(n), ends(n));
  kept.set(hash(3), ends(4));
  expect(kept.get(hash(3))).toEqual(ends(3));
  for (let n = 101; n < 199; n++) kept.set(hash(n), ends(n));
  kept.set(hash(3), ends(4));
  expect(kept.get(hash(3))).toEqual(ends(3));
});
