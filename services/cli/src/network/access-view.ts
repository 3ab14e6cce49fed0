/** A page of the log of accesses (`GET /v1/access`). */
export interface AccessPage {
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly entries: readonly {
    readonly index: number;
    readonly entry: string;
    /** Base64. */
    readonly salt: string;
  }[];
  readonly anchors: readonly {
    readonly size: number;
    readonly root: string;
    readonly state: string;
    readonly code: string;
    readonly at: string;
  }[];
}

/** What an auditor's edge knows of an inspection (`GET /v1/inspections/:id`). */
export interface InspectionView {
  readonly id: string;
  readonly of: string;
  readonly case_id: string;
  readonly message_id: string;
  readonly message_hash: string;
  readonly reason: string;
  readonly state: string;
  readonly code: string;
  readonly result: string;
  readonly content: string;
}
