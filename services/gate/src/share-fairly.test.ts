import { expect, test } from 'vitest';
import { createShares } from './share-fairly.js';

const of = (member: string) => ({
  subject: `edge.out.${member}`,
  traceparents: [],
  redeliveries: 0,
});

test('a member that sends very much leaves room for another, and gets its own back', async () => {
  let deferred = 0;
  const shares = createShares(2, () => {
    deferred += 1;
  });
  const ends: (() => void)[] = [];
  const work = () => new Promise<'done'>((resolve) => ends.push(() => resolve('done')));
  const busy = [shares(of('a_de'), work), shares(of('a_de'), work)];
  expect(await shares(of('a_de'), work)).toEqual({ retryInMs: 50 });
  const other = shares(of('b_de'), work);
  expect(ends).toHaveLength(3);
  for (const end of ends) end();
  expect(await Promise.all([...busy, other])).toEqual(['done', 'done', 'done']);
  expect(deferred).toBe(1);
  expect(await shares(of('a_de'), async () => 'drop')).toBe('drop');
});

test('one of its two ends: it has room for one more, and no further', async () => {
  const shares = createShares(2, () => undefined);
  const ends: (() => void)[] = [];
  const work = () => new Promise<'done'>((resolve) => ends.push(() => resolve('done')));
  const first = shares(of('a_de'), work);
  const others = [shares(of('a_de'), work)];
  ends.shift()?.();
  expect(await first).toBe('done');
  others.push(shares(of('a_de'), work));
  expect(await shares(of('a_de'), work)).toEqual({ retryInMs: 50 });
  for (const end of ends) end();
  expect(await Promise.all(others)).toEqual(['done', 'done']);
});

test('what is put off again and again comes back more and more seldom', async () => {
  const shares = createShares(0, () => undefined);
  const waits = [0, 1, 4, 5, 99].map(async (redeliveries) =>
    shares({ ...of('a_de'), redeliveries }, async () => 'done'),
  );
  const times = [50, 100, 800, 1600, 1600];
  expect(await Promise.all(waits)).toEqual(times.map((retryInMs) => ({ retryInMs })));
});

test('what fails gives its place back', async () => {
  const shares = createShares(1, () => undefined);
  await expect(shares(of('a_de'), () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(await shares(of('a_de'), async () => 'done')).toBe('done');
});

test('one sender may use many subjects: its share is one', async () => {
  const shares = createShares(
    1,
    () => undefined,
    (subject) => subject.slice(0, 2),
  );
  const from = (subject: string) => ({ subject, redeliveries: 0 });
  let end: () => void = () => undefined;
  const first = shares(from('fr.a'), () => new Promise((resolve) => (end = () => resolve('done'))));
  expect(await shares(from('fr.b'), async () => 'done')).toEqual({ retryInMs: 50 });
  expect(await shares(from('de.a'), async () => 'done')).toBe('done');
  end();
  await first;
  expect(await shares(from('fr.b'), async () => 'done')).toBe('done');
});
