import { resolve } from 'node:path';
import { checkLedger } from '../network/check-folder.js';
import { paths, readHome } from '../network/home.js';
import { UsageError } from '../usage.js';

export interface LedgerChoice {
  readonly home?: string;
  readonly nation?: string;
  readonly data?: string;
}

/** Where a ledger keeps its logs, and its key where that follows from the network. @throws UsageError */
export function ledgerPlaces({ home, nation, data }: LedgerChoice): {
  readonly dataDir: string;
  readonly key?: string;
} {
  if (data !== undefined) {
    checkLedger(resolve(data));
    return { dataDir: resolve(data) };
  }
  const { dir, nations } = readHome(resolve(home ?? '.entente'));
  const code = nation?.toUpperCase() ?? '';
  if (!nations.some((one) => one.code === code))
    throw new UsageError('Name the ledger: --nation and one of this network, or --data.');
  return {
    dataDir: paths.ledger(dir, code),
    key: paths.secret(dir, `services.${code.toLowerCase()}`, 'ledger.key'),
  };
}
