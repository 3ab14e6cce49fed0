import { counted } from '../print.js';
import { TOO_MANY } from './fault-list.js';
import type { LogFault } from './read-log.js';

/** Of several members, where so many words do not hold that not all are named. */
export const SEVERAL = 'several members';

/**
 * What a member has signed and does not hold. Else one false word of any member would be a fault of its nation's log for ever, among which
 * nobody would see the next.
 */
function isWordOfMember({ saidBy }: Pick<LogFault, 'saidBy'>): boolean {
  return saidBy !== undefined;
}

/**
 * INVARIANT: a word is a member's only where its seal was opened, and nothing else speaks against its entry. Else a gate that lies could
 * put it into the mouth of whom it likes, and its own fault would pass for that member's.
 */
export function wordsProved(words: readonly LogFault[], faults: readonly LogFault[]): LogFault[] {
  const doubted = new Set(faults.flatMap(({ index }) => index ?? []));
  return words.map((word) => (word.index !== null && doubted.has(word.index) ? sayerless(word) : word));
}

/** Where nobody has asked who signed it: then it speaks against the log. */
export function sayerless({ saidBy: _, ...fault }: LogFault): LogFault {
  return fault;
}

/** Those of the log first: however much members say, they stand where one looks. */
export function faultsFirst(faults: readonly LogFault[]): LogFault[] {
  return [...faults.filter((fault) => !isWordOfMember(fault)), ...faults.filter(isWordOfMember)];
}

/** @param strict whether the words of members count as well */
export function speaksAgainst(faults: readonly LogFault[], strict = false): boolean {
  return faults.some((fault) => strict || !isWordOfMember(fault));
}

/** How much was found, and who answers for it. */
export function countFaults(faults: readonly LogFault[], none: string): string[] {
  const words = faults.filter(isWordOfMember);
  const own = faults.length - words.length;
  const members = [...new Set(words.flatMap(({ saidBy }) => saidBy ?? []))].sort();
  const named = words.filter(({ code }) => code !== TOO_MANY).length;
  return [
    own === 0 ? none : counted(own, 'fault'),
    ...(words.length === 0
      ? []
      : [
          `${named < words.length ? 'more than ' : ''}${counted(named, 'word')} of members that do not hold, logged as signed: ${members.join(', ')}`,
        ]),
  ];
}

export const STRICT_OPTION = ['--strict', 'exit with 1 for what members say wrongly as well'] as const;
export const EXIT_FAULT =
  '\n\nExit code 0: nothing speaks against it; 1: the first fault is named, and all others. What a member has signed and does not hold ("MEMBER") is no fault of the log: it is named too, and 1 with --strict.';
