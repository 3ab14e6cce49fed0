import { renameSync } from 'node:fs';
import type { Command } from 'commander';
import { orderFile, orderInWords, readPendingOrder } from '../history/pending-order.js';
import { print } from '../print.js';
import { UsageError } from '../usage.js';
import { type LedgerChoice, ledgerPlaces } from './ledger-places.js';
import { JSON_OPTION } from './options.js';

/** A ledger looks at its order every five seconds: what it has read by then it may carry out. */
const TOO_LATE_MS = 15_000;

export function addLedgerCancel(ledger: Command): void {
  ledger
    .command('cancel')
    .description('Take back an order to go on under another origin, before its time has come.')
    .option('--data <dir>', "the ledger's DATA_DIR")
    .option('--home <dir>', 'instead of --data: folder of a network on this machine')
    .option('--nation <code>', 'with --home: whose ledger')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente ledger cancel --home .entente --nation DE\n\nThe file of the order is then called ".cancelled". A row for it that the agency has signed already does no harm. From 15 seconds before its time on it cannot be taken back; one that the ledger refuses can be replaced by another, with "ledger succeed".',
    )
    .action(cancel);
}

function cancel(options: LedgerChoice & { readonly json?: boolean }): void {
  const { dataDir } = ledgerPlaces(options);
  const order = readPendingOrder(dataDir);
  if (!order) throw new UsageError(`No order waits in ${dataDir}.`);
  if (order.reason === 'time-over' && order.fromMs < Date.now() + TOO_LATE_MS)
    throw new UsageError(
      `The time of this order has come, or all but: ${orderInWords(order)}. The ledger carries it out, or says in its log why not.`,
    );
  const file = orderFile(dataDir);
  renameSync(file, `${file}.cancelled`);
  print(options, { file: `${file}.cancelled`, cancelled: orderInWords(order) }, () => [
    `Taken back: ${orderInWords(order)}`,
  ]);
}
