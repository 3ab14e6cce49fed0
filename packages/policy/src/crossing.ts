import type { Facts, MemberType, Role, Stage } from '@entente/contract';

/** All that a decision depends on beside the pack: it can be taken from the log years later. */
export interface Crossing {
  /** The nation that decides, in capitals: `DE`. */
  readonly nation: string;
  readonly stage: Stage;
  readonly from: Party;
  readonly to: Party;
  readonly facts: Facts;
  /** The UTC day of the decision, `YYYY-MM-DD`. */
  readonly day: string;
  /** Those who released a hold on this message. Whoever passes them on has verified who they are. */
  readonly approvals?: readonly Approver[];
}

export interface Approver {
  readonly role: Role;
  readonly nation: string;
}

export interface Party {
  readonly id: string;
  readonly nation: string;
  /** By the directory, never by the message. */
  readonly types: readonly MemberType[];
  /** As the message names it. */
  readonly role: Role;
}
