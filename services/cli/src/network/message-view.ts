/** What an edge answers about a sent message (`GET /v1/messages/:id`). */
export interface SentMessage {
  readonly id: string;
  readonly case_id: string;
  readonly to: string;
  readonly category: string;
  readonly action: string;
  readonly update: string;
  readonly state: 'draft' | 'sent' | 'ended';
  readonly outcome: '' | 'delivered' | 'refused' | 'held' | 'expired' | 'recalled';
  readonly code: string;
  readonly reason: string;
  readonly notes: readonly { readonly kind: string; readonly text: string }[];
  readonly created_at: string;
  readonly expires_at: string;
  readonly ms: number | null;
  readonly message_hash: string | null;
  /** Why it was sent; null: nobody has said so, or it is forgotten. */
  readonly justification: string | null;
  readonly evidence: readonly SentEvidence[];
}

export interface SentEvidence {
  readonly evidence: string;
  readonly source: string;
  readonly at: string;
  readonly code: string;
  readonly reason: string;
  readonly rules: readonly { readonly id: string; readonly basis: string; readonly says: string }[];
  readonly proof: string;
}

/** What an edge answers when it has taken a message, or had taken it before under the same key. */
export interface AcceptedView {
  readonly id: string;
  readonly case_id: string;
  readonly is_new: boolean;
}

/** What an edge answers to `POST /v1/preview`. */
export interface Preview {
  readonly case_id: string;
  readonly passes: boolean;
  readonly content: unknown;
  readonly changes: readonly {
    readonly duty: string;
    readonly data_class: string;
    readonly nation: string;
    readonly rules: SentEvidence['rules'];
  }[];
  readonly verdicts: readonly {
    readonly nation: string;
    readonly stage: string;
    readonly decision: string;
    readonly reason: string;
    readonly rules: SentEvidence['rules'];
    readonly awaits: readonly string[];
    readonly clocks: readonly { clock: string; minutes: number; kind: string; basis: string }[];
  }[];
}
