/** Who wanted a change and who agreed to it. */
export interface Signoff {
  readonly proposedBy: string;
  readonly approvedBy: readonly string[];
}

/** A unit, a role or a file number: short, on one line. */
const NAME = /^[^\s\p{C}](?:[^\p{C}]{0,78}[^\s\p{C}])?$/u;
const MOST_APPROVERS = 8;

/** Whether it can stand in a log that nobody erases: bounded, and each approver once. Nobody has to be named. */
export function isResponsible({ proposedBy, approvedBy }: Signoff): boolean {
  const isShort = approvedBy.length <= MOST_APPROVERS && new Set(approvedBy).size === approvedBy.length;
  return isShort && approvedBy.every((one) => NAME.test(one)) && (proposedBy === '' || NAME.test(proposedBy));
}
