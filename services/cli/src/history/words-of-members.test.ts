import { expect, test } from 'vitest';
import { createFaultList, mergeFaults } from './fault-list.js';
import type { LogFault } from './read-log.js';
import { countFaults, faultsFirst, SEVERAL, speaksAgainst, wordsProved } from './words-of-members.js';

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

test('the log’s own faults are shown first, however many words stand before them, and all of these are counted', () => {
  const words = createFaultList(undefined, SEVERAL);
  for (let i = 0; i < 10_001; i++) words.add(word);
  const faults = mergeFaults(words.list(), [fault]);
  expect(faultsFirst(faults)[0]).toBe(fault);
  expect(faultsFirst(faults)).toHaveLength(faults.length);
  const line = 'more than 10000 words of members that do not hold, logged as signed: isp.de, several members';
  expect(countFaults(faults, 'none')).toEqual(['1 fault', line]);
});

test('a word is its member’s where nothing else speaks against its entry', () => {
  const { saidBy: _, ...nobodys } = word;
  expect(wordsProved([word], [fault, { ...fault, index: null }])).toEqual([word]);
  expect(wordsProved([word], [{ index: word.index, code: 'signature-wrong', detail: '' }])).toEqual([
    nobodys,
  ]);
  expect(speaksAgainst([nobodys])).toBe(true);
});
