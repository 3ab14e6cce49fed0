import { join, resolve } from 'node:path';
import { parseAuditors } from '@entente/audit';
import { writeWhole } from '@entente/runtime';
import { readSecretFile } from '@entente/seal';
import type { Command } from 'commander';
import { print } from '../print.js';
import { UsageError } from '../usage.js';
import { type LedgerChoice, ledgerPlaces } from './ledger-places.js';
import { checkResponsible, daysIn, JSON_OPTION, signoffOf } from './options.js';

interface Sign extends LedgerChoice {
  readonly days?: number;
  readonly logDays?: number;
  readonly auditors?: string;
  readonly proposedBy: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
}

export function addLedgerSign(ledger: Command): void {
  ledger
    .command('sign')
    .description(
      'Say who wants and who approves a change of what a ledger is started with: for how long it keeps, and who may read it.',
    )
    .option('--days <n>', 'RETENTION_DAYS that it will have', daysIn)
    .option('--log-days <n>', 'with --days: LOG_RETENTION_DAYS that it will have', daysIn)
    .option(
      '--auditors <file>',
      "the auditors' tokens as they will be; no token is written down, its SHA-256 is",
    )
    .requiredOption(
      '--proposed-by <unit>',
      'who wants it: a unit or a file number; it stands in the log for good',
    )
    .option('--approved-by <units...>', 'who agreed to it')
    .option('--data <dir>', "the ledger's DATA_DIR")
    .option('--home <dir>', 'instead of --data: folder of a network on this machine')
    .option('--nation <code>', 'with --home: whose ledger')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente ledger sign --days 1095 --log-days 3650 --proposed-by "unit 4" --approved-by "legal service" --home .entente --nation DE\n\nBefore the ledger is started with it. It writes retention.json or auditors.json into DATA_DIR; the entry of the change names both, if the ledger then runs with exactly that, else nobody.',
    )
    .action(sign);
}

async function sign(options: Sign): Promise<void> {
  const { days: recordDays, logDays, auditors, proposedBy, approvedBy = [] } = options;
  checkResponsible({ proposedBy, approvedBy });
  if ((recordDays === undefined) !== (logDays === undefined))
    throw new UsageError('Name both --days and --log-days, as the ledger will have them.');
  if (recordDays === undefined && auditors === undefined)
    throw new UsageError('Name what changes: --days with --log-days, or --auditors.');
  const { dataDir } = ledgerPlaces(options);
  const named = auditors && parseAuditors(await readSecretFile(resolve(auditors))).named;
  const by = signoffOf({ proposedBy, approvedBy });
  const files = [
    ...(recordDays === undefined
      ? []
      : [lay(dataDir, 'retention.json', { days: recordDays, log_days: logDays, ...by })]),
    ...(named ? [lay(dataDir, 'auditors.json', { auditors: named, ...by })] : []),
  ];
  print(options, { files }, () => [
    ...files.map((file) => `Laid down: ${file}`),
    'Start the ledger with exactly that: the entry of the change then names who wanted and approved it.',
  ]);
}

function lay(dataDir: string, name: string, value: object): string {
  const file = join(dataDir, name);
  // Under its name only once it is whole: the ledger may be looking.
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o644 });
  return file;
}
