/** What an edge answers to `GET /v1/retention`. */
export interface RetentionView {
  readonly member: string;
  readonly proof_days: number;
  readonly access_days: number;
  /** By the month (YYYY-MM, UTC) in which their time is over. */
  readonly months: readonly (LeavingView & { readonly month: string })[];
  readonly held: readonly (Omit<LeavingView, 'cases' | 'inspected'> & {
    readonly case_id: string;
    readonly reason: string;
    readonly since: string;
  })[];
  /** Messages without an outcome: they go no earlier than that. */
  readonly waiting: number;
}

export interface LeavingView {
  readonly contents: number;
  readonly proofs: number;
  readonly cases: number;
  readonly inspected: number;
  readonly quarantined: number;
  readonly accesses: number;
}
