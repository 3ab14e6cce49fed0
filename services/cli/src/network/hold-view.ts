import type { SentEvidence } from './message-view.js';

/** What waits for a release (`GET /v1/holds`). */
export interface HoldView {
  /** Hex. */
  readonly message_hash: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly held_by: string;
  readonly until: string;
  readonly facts: { readonly category: string; readonly action: string; readonly force: string };
  readonly rules: SentEvidence['rules'];
  readonly decision: HoldDecision | null;
}

export interface HoldDecision {
  readonly decision: 'release' | 'refuse';
  readonly reason: string;
  readonly state: string;
}
