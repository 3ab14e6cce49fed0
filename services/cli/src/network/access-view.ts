/** A page of the log of accesses (`GET /v1/access`). */
export interface AccessPage {
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly entries: readonly {
    readonly index: number;
    /** Empty: its time is over. */
    readonly entry: string;
    /** Base64. */
    readonly salt: string;
    /** Base64: what is left of one whose time is over. */
    readonly leaf?: string;
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
  /** Whether its sender's person has said why. */
  readonly justified: '' | 'not-given' | 'not-opened' | 'opened';
  readonly justification: string;
}
