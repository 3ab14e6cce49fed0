import type { Decision } from '@entente/contract';

export interface Verdict {
  readonly decision: Decision;
  /** All permits that matched, or all forbids that did, by id. Empty where no rule permits and none forbids. */
  readonly rules: readonly { readonly id: string; readonly basis: string; readonly says: string }[];
  /** In words for an abuse desk; never empty. */
  readonly reason: string;
  /** What comes with a permit: `retention:P90D` (the shortest), or a word of the pack. */
  readonly obligations: readonly string[];
  /**
   * `redact:<data class>`, `pseudonymise:<data class>`, `clocks`: with all of these carried out, no forbid is left but such
   * as wait for a release. Else empty.
   */
  readonly remedies: readonly string[];
  /** Those who each have to release this message, as `court@NL`; only with `hold`. */
  readonly awaits?: readonly string[];
  /** For how long it may be held; only with `hold`. */
  readonly holdMinutes?: number;
  /** Pack and gate disagree, or a rule failed: a refusal that an operator has to look at. */
  readonly alarm?: true;
  /** For the operator, not for the sender. */
  readonly errors?: readonly string[];
}
