import { resolve } from 'node:path';
import { formatVkey, LOG_NAME, parseCheckpoint, parseNote } from '@entente/audit';
import { writeWhole } from '@entente/runtime';
import { publicJwk, readKeyFile } from '@entente/seal';
import { type Command, InvalidArgumentError } from 'commander';
import { currentLog, usedOrigins } from '../history/current-log.js';
import { orderFile, orderInWords, readPendingOrder } from '../history/pending-order.js';
import { jsonText, print } from '../print.js';
import { readNamed } from '../read-named.js';
import { UsageError } from '../usage.js';
import { addLedgerCancel } from './ledger-cancel.js';
import { type LedgerChoice, ledgerPlaces } from './ledger-places.js';
import { addLedgerSign } from './ledger-sign.js';
import { checkResponsible, JSON_OPTION } from './options.js';

interface Succeed extends LedgerChoice {
  readonly key?: string;
  readonly origin: string;
  readonly from?: number;
  readonly restored?: boolean;
  readonly seen?: readonly string[];
  readonly newKey?: string;
  readonly proposedBy?: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
}

export function addLedger(program: Command): void {
  const ledger = program.command('ledger').description('Order what only the operator of a ledger can order.');
  ledger
    .command('succeed')
    .description(
      'Have a ledger go on under another origin: at the end of a year, or after it was restored to less.',
    )
    .requiredOption('--origin <name>', 'of the log that follows, never used before: entente.example/de/2027')
    .option('--from <time>', 'first time of the new log, which is to come: 2027-01-01T00:00:00Z', time)
    .option('--restored', 'the database was restored from a backup, and others may have seen more')
    .option(
      '--seen <file...>',
      'with --restored: signed checkpoints that monitors or witnesses show of the old log',
    )
    .option('--proposed-by <unit>', 'who wants it: a unit or a file number; it stands in both logs for good')
    .option('--approved-by <units...>', 'who agreed to it')
    .option('--data <dir>', "the ledger's DATA_DIR")
    .option('--key <file>', 'with --data: KEY_FILE of the ledger')
    .option('--new-key <file>', 'another key for the new log, at the place where the ledger finds it')
    .option('--home <dir>', 'instead of --data: folder of a network on this machine')
    .option('--nation <code>', 'with --home: whose ledger')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente ledger succeed --home .entente --nation DE --origin entente.example/de/2027 --from 2027-01-01T00:00:00Z\n\nIt prints the row that the agency signs into its part of the directory before that time: gates take no proof of a log that is not there. A ledger that runs takes the order within seconds, and tells in its log what is wrong with it; one that refuses to start after it was restored takes it when it starts again. The file is then called ".done". Until its time has come it is taken back with "ledger cancel": a log that has ended does not go on.',
    )
    .action(succeed);
  addLedgerCancel(ledger);
  addLedgerSign(ledger);
}

function time(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T[0-9:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('A time is needed, as 2027-01-01T00:00:00Z.');
  return ms;
}

const TWO_YEARS_MS = 2 * 366 * 86_400_000;

async function succeed(options: Succeed): Promise<void> {
  const { origin, restored = false, seen = [], newKey, proposedBy = '', approvedBy = [] } = options;
  checkResponsible({ proposedBy, approvedBy });
  if (!LOG_NAME.test(origin)) throw new UsageError(`"${origin}" is no origin like entente.example/de/2027.`);
  const fromMs = options.from ?? (restored ? Date.now() : undefined);
  if (fromMs === undefined)
    throw new UsageError('Say from when, with --from, or that it was restored, with --restored.');
  // What is due is carried out within seconds, and a log that has ended does not go on.
  if (!restored && fromMs <= Date.now())
    throw new UsageError(
      `${new Date(fromMs).toISOString()} has passed: the log would end at once, for good. Name a time that is to come, before which the row can be in the directory.`,
    );
  const { dataDir, key = options.key } = ledgerPlaces(options);
  if (key === undefined) throw new UsageError("With --data name the ledger's --key as well.");
  const predecessor = currentLog(dataDir);
  if (predecessor === undefined)
    throw new UsageError(`The log in ${dataDir} has no entry: give its ledger another ORIGIN.`);
  if (usedOrigins(dataDir, predecessor).includes(origin))
    throw new UsageError(`${origin} is a log of this ledger already: its successor needs another origin.`);
  const notes = seen.map((file) => readNamed(resolve(file)).toString('utf8'));
  const others = notes.map((note) => parseCheckpoint(parseNote(note).text).origin);
  const wrong = others.find((one) => one !== predecessor);
  if (wrong !== undefined)
    throw new UsageError(`A checkpoint of ${wrong} was seen, the log that ends is ${predecessor}.`);
  const { x } = publicJwk(await readKeyFile(resolve(newKey ?? key)));
  const row = {
    ...{ origin, vkey: formatVkey(origin, Buffer.from(String(x), 'base64url')), predecessor },
    validFromMs: new Date(fromMs).toISOString(),
    validUntilMs: new Date(fromMs + TWO_YEARS_MS).toISOString(),
  };
  const file = orderFile(dataDir);
  const pending = readPendingOrder(dataDir);
  const replaces = pending ? orderInWords(pending) : null;
  const order = {
    ...{
      origin,
      reason: restored ? 'restored' : 'time-over',
      from: new Date(fromMs).toISOString(),
      seen: notes,
      proposed_by: proposedBy,
      approved_by: approvedBy,
    },
    ...(newKey === undefined ? {} : { key_file: resolve(newKey) }),
  };
  // Under its name only once it is whole: the ledger may be looking, which is another user's than who orders.
  writeWhole(file, JSON.stringify(order), { mode: 0o644 });
  print(options, { file, predecessor, replaces, row }, () => [
    `${predecessor} is to be followed by ${origin}: ${file}`,
    ...(replaces === null ? [] : [`This replaces an order that was not carried out yet: ${replaces}`]),
    'Row for the directory, with the nkey of the row before:',
    jsonText(row),
    ...(restored ? [] : ['To take it back before that time: entente ledger cancel']),
  ]);
}
