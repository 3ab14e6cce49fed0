import type { End, ItemOutcome, ReferralState, Update, UpdatedItem } from '@entente/contract';

/** What an edge shows of a case (`GET /v1/cases/:id`). */
export interface CaseView {
  readonly case_id: string;
  readonly referrals: readonly ReferralView[];
  readonly received: readonly {
    readonly id: string;
    readonly from: string;
    readonly update: string;
    readonly received_at: string;
    readonly opened_at: string | null;
    readonly copy_removed_at: string | null;
    readonly content: unknown;
    readonly proof: string;
    readonly message_hash: string;
  }[];
  readonly sent: readonly {
    readonly id: string;
    readonly to: string;
    readonly update: string;
    readonly outcome: string;
    readonly reason: string;
    readonly justification: string | null;
    readonly copy_removed_at: string | null;
    readonly content: unknown;
  }[];
}

interface LinkedCase {
  readonly case_id: string;
  readonly message: string;
}

/** One referral of a case, and what became of it, as its member sees it. */
export interface ReferralView {
  readonly message: string;
  readonly end: End;
  readonly counterpart: string;
  readonly action: string;
  readonly force: string;
  readonly state: ReferralState;
  readonly items: readonly {
    readonly id: string;
    /** Its address in truth, as its originator has said since. */
    readonly corrected_to?: Readonly<Record<string, unknown>>;
    readonly outcome?: ItemOutcome;
    readonly results: readonly string[];
    readonly check?: UpdatedItem['check'];
  }[];
  readonly questions: readonly { readonly id: string; readonly text: string }[];
  readonly is_escalated: boolean;
  readonly repeats: number;
  /** The notice is not given again by itself. */
  readonly repeats_used_up: boolean;
  readonly copy_recalled: boolean;
  /** The cases that this member made of it by sending it on or escalating it, and the one that it made this of. */
  readonly sent_on: readonly LinkedCase[];
  /** The corrections of what was sent on that its handling keeps here. */
  readonly kept_back: readonly string[];
  readonly made_of: LinkedCase | null;
  readonly said: readonly {
    readonly id: string;
    readonly by: End;
    readonly at: string;
    readonly content: Update;
    readonly without_effect: string;
  }[];
  readonly clocks: readonly {
    readonly clock: string;
    readonly kind: string;
    readonly minutes: number;
    readonly is_extended: boolean;
    readonly starts: string;
    readonly ends: string;
    readonly due_at: string | null;
    readonly met_at: string | null;
    readonly is_overdue: boolean;
  }[];
  readonly possible: readonly string[];
}
