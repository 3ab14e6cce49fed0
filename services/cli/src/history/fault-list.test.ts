import { expect, test } from 'vitest';
import { createFaultList, mergeFaults } from './fault-list.js';
import type { FindingCode } from './finding-code.js';

const fault = (index: number | null, code: FindingCode = 'record-missing') => ({ index, code, detail: '' });

test('names so many, says how many more there are, and goes on where it stood', () => {
  const first = createFaultList();
  for (let i = 0; i < 10_005; i++) first.add(fault(i));
  const second = createFaultList(first.save());
  second.add(fault(0));
  const list = second.list();
  expect(list).toHaveLength(10_001);
  expect(list.at(-1)).toMatchObject({
    code: 'too-many-faults',
    detail: expect.stringContaining('6 further'),
  });
});

test('has those of files first, then those of entries in their order, and what is not listed last', () => {
  const list = mergeFaults(
    [fault(9), fault(null, 'too-many-faults')],
    [fault(null), fault(2, 'hash-mismatch')],
    [fault(2, 'kind-mismatch')],
  );
  expect(list.map(({ index, code }) => `${index} ${code}`)).toEqual([
    'null record-missing',
    '2 hash-mismatch',
    '2 kind-mismatch',
    '9 record-missing',
    'null too-many-faults',
  ]);
});
