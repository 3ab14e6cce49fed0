/** Who wanted a change and who agreed to it. */
export interface Signoff {
  readonly proposedBy: string;
  readonly approvedBy: readonly string[];
}

/** A unit, a role or a file number. */
const MOST_NAME = 80;
const MOST_REFERENCE = 200;
const MOST_APPROVERS = 8;

/** Whether it can stand in a log that nobody erases: bounded, and each approver once. Nobody has to be named. */
export function isResponsible({ proposedBy, approvedBy }: Signoff): boolean {
  const isShort = approvedBy.length <= MOST_APPROVERS && new Set(approvedBy).size === approvedBy.length;
  return isShort && approvedBy.every(isName) && (proposedBy === '' || isName(proposedBy));
}

/** Whether it can stand there as where a decision can be found: up to 200 characters, on one line. */
export function isReference(text: unknown): text is string {
  return typeof text === 'string' && isOneLine(text, MOST_REFERENCE);
}

const isName = (text: string): boolean => isOneLine(text, MOST_NAME);

/** Nothing that nobody sees, and nothing that a terminal or an editor would break the line for. */
const LINE = /^[^\s\p{C}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\s\p{C}])?$/u;

function isOneLine(text: string, most: number): boolean {
  // A character has one or two units.
  return text.length <= 2 * most && [...text].length <= most && LINE.test(text);
}
