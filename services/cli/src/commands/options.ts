/** Options that several commands have, said once. */
export interface HomeOptions {
  readonly home: string;
  readonly json?: boolean;
}

export const HOME_OPTION = ['--home <dir>', 'folder of the network', '.entente'] as const;
export const JSON_OPTION = ['--json', 'print one JSON object'] as const;
