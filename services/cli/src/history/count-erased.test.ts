import { expect, test } from 'vitest';
import { createErasedCounter } from './count-erased.js';

test('what was erased is counted by reason and reference, and goes on from what was kept', () => {
  const first = createErasedCounter();
  for (const reference of ['file 1', 'file 2', 'file 1']) first.add({ reason: 'order', reference });
  const second = createErasedCounter(first.list());
  second.add({ reason: 'order', reference: 'file 2' });
  second.add({ reason: 'mistake', reference: 'file 2' });
  expect(second.list()).toEqual([
    { reason: 'order', reference: 'file 1', entries: 2 },
    { reason: 'order', reference: 'file 2', entries: 2 },
    { reason: 'mistake', reference: 'file 2', entries: 1 },
  ]);
});

test('a log that names another file each time does not fill the memory, and nothing is lost of the count', () => {
  const counter = createErasedCounter();
  for (let i = 0; i < 5000; i++)
    counter.add({ reason: 'order', reference: `file ${i}${'x'.repeat(10_000)}` });
  const list = counter.list();
  expect(list).toHaveLength(1001);
  expect(list.at(-1)).toEqual({ reason: 'other', reference: '', entries: 4000 });
  expect(JSON.stringify(list).length).toBeLessThan(300_000);
});
