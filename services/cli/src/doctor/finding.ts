/** What was looked at, and what to do if it is not as it should be. */
export interface Finding {
  readonly service: string;
  readonly what: string;
  readonly state: 'ok' | 'warning' | 'bad';
  /** Empty where there is nothing to say. */
  readonly detail: string;
  /** The address of the server that this is about, where other services may look at the same one. */
  readonly server?: string;
}

export type Report = (what: string, state: Finding['state'], detail?: string, server?: string) => void;
