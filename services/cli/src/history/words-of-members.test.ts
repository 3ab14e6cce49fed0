import { expect, test } from 'vitest';
import { createFaultList, mergeFaults } from './fault-list.js';
import type { LogFault } from './read-log.js';
import { countFaults, SEVERAL, speaksAgainst } from './words-of-members.js';

const word: LogFault = { index: 3, code: 'said-by-another', detail: 'a', saidBy: 'isp.de' };
const fault: LogFault = { index: 4, code: 'verdict-differs', detail: 'b' };

test('what a member says wrongly speaks against the member, and against the log only where that is asked for', () => {
  expect(speaksAgainst([word])).toBe(false);
  expect(speaksAgainst([word], true)).toBe(true);
  expect(speaksAgainst([word, fault])).toBe(true);
  expect(speaksAgainst([], true)).toBe(false);
  expect(countFaults([word], 'none')).toEqual([
    'none',
    '1 word of members that do not hold, logged as signed: isp.de',
  ]);
  expect(countFaults([word, fault], 'none')[0]).toBe('1 fault');
});

test('so many of them that not all are named are no fault of the log either, and hide none of its faults', () => {
  const words = createFaultList(undefined, SEVERAL);
  for (let i = 0; i < 10_001; i++) words.add(word);
  expect(words.list().at(-1)).toMatchObject({ code: 'too-many-faults', saidBy: SEVERAL });
  expect(speaksAgainst(words.list())).toBe(false);
  expect(mergeFaults(words.list(), [fault])).toContain(fault);
});

test('one that an earlier version has kept, without its name, is the same', () => {
  const { saidBy: _, ...kept } = word;
  expect(speaksAgainst([kept])).toBe(false);
});
