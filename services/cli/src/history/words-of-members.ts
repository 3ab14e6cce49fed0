import { counted } from '../print.js';
import { MEMBER_FINDINGS } from './finding-code.js';
import type { LogFault } from './read-log.js';

/** Of several members, where so many words do not hold that not all are named. */
export const SEVERAL = 'several members';

/**
 * What a member has signed and does not hold. Else one false word of any member would be a fault of its nation's log for ever, among which
 * nobody would see the next.
 */
export function isWordOfMember({ code, saidBy }: Pick<LogFault, 'code' | 'saidBy'>): boolean {
  return saidBy !== undefined || (MEMBER_FINDINGS as readonly string[]).includes(code);
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
  return [
    own === 0 ? none : counted(own, 'fault'),
    ...(words.length === 0
      ? []
      : [
          `${counted(words.length, 'word')} of members that do not hold, logged as signed: ${members.join(', ')}`,
        ]),
  ];
}

export const STRICT_OPTION = ['--strict', 'exit with 1 for what members say wrongly as well'] as const;
export const EXIT_FAULT =
  '\n\nExit code 0: nothing speaks against it; 1: the first fault is named, and all others. What a member has signed and does not hold ("MEMBER") is no fault of the log: it is named too, and 1 with --strict.';
