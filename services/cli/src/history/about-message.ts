import type { wire } from '@entente/contract';

const ABOUT_MESSAGES: readonly string[] = [
  ...['crossing', 'evidence', 'rejection', 'approval', 'violation'],
  // Signed by members as well, and claimed ids.
  ...['access-anchor', 'inspect'],
];

/**
 * Whether an entry is about a message, by its event, which its leaf and every reader go by: what else stands in a record must not
 * keep it from being checked.
 */
export function isAboutMessage({ event }: Pick<wire.RecordFrame, 'event'>): boolean {
  return ABOUT_MESSAGES.includes(event);
}
