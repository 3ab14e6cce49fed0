/** Options that several commands have, said once. */
export interface HomeOptions {
  readonly home: string;
  readonly json?: boolean;
}

export const HOME_OPTION = ['--home <dir>', 'folder of the network', '.entente'] as const;
export const JSON_OPTION = ['--json', 'print one JSON object'] as const;
/** Of whatever is said or looked at: gates and logs get a pseudonym of it. */
export const ACTOR_WORDS = 'who does it: a name or a number; the user of this machine if it is left out';
export const JUSTIFICATION_OPTION = [
  '--justification <text>',
  'why, for the log of accesses of this edge',
] as const;

export interface PersonOptions {
  readonly actor?: string;
  readonly justification?: string;
}
