import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatVkey, parseCheckpoint, parseNote } from '@entente/audit';
import { openForReading } from '@entente/runtime';
import { publicJwk, readKeyFile } from '@entente/seal';
import { type Command, InvalidArgumentError } from 'commander';
import { listLogs } from '../history/ledger-logs.js';
import { LEDGER_SCHEMA } from '../history/open-records.js';
import { paths, readHome } from '../network/home.js';
import { jsonText, print } from '../print.js';
import { UsageError } from '../usage.js';
import { JSON_OPTION } from './options.js';

interface Succeed {
  readonly home?: string;
  readonly nation?: string;
  readonly data?: string;
  readonly key?: string;
  readonly origin: string;
  readonly from?: number;
  readonly restored?: boolean;
  readonly seen?: readonly string[];
  readonly newKey?: string;
  readonly json?: boolean;
}

export function addLedger(program: Command): void {
  program
    .command('ledger')
    .description('Order what only the operator of a ledger can order.')
    .command('succeed')
    .description(
      'Have a ledger go on under another origin: at the end of a year, or after it was restored to less.',
    )
    .requiredOption('--origin <name>', 'of the log that follows, never used before: entente.example/de/2027')
    .option('--from <time>', 'first time of the new log, for example 2027-01-01T00:00:00Z', time)
    .option('--restored', 'the database was restored from a backup, and others may have seen more')
    .option(
      '--seen <file...>',
      'with --restored: signed checkpoints that monitors or witnesses show of the old log',
    )
    .option('--data <dir>', "the ledger's DATA_DIR")
    .option('--key <file>', 'with --data: KEY_FILE of the ledger')
    .option('--new-key <file>', 'another key for the new log, at the place where the ledger finds it')
    .option('--home <dir>', 'instead of --data: folder of a network on this machine')
    .option('--nation <code>', 'with --home: whose ledger')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente ledger succeed --home .entente --nation DE --origin entente.example/de/2027 --from 2027-01-01T00:00:00Z\n\nIt prints the row that the agency signs into its part of the directory before that time: gates take no proof of a log that is not there. A ledger that runs takes the order within seconds, and tells in its log what is wrong with it; one that refuses to start after it was restored takes it when it starts again. The file is then called ".done".',
    )
    .action(succeed);
}

function time(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T[0-9:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('A time is needed, as 2027-01-01T00:00:00Z.');
  return ms;
}

const TWO_YEARS_MS = 2 * 366 * 86_400_000;

async function succeed(options: Succeed): Promise<void> {
  const { origin, restored = false, seen = [], newKey } = options;
  if (!/^[a-z0-9./-]{3,100}$/.test(origin))
    throw new UsageError(`"${origin}" is no origin like entente.example/de/2027.`);
  const fromMs = options.from ?? (restored ? Date.now() : undefined);
  if (fromMs === undefined)
    throw new UsageError('Say from when, with --from, or that it was restored, with --restored.');
  const { dataDir, key } = placesOf(options);
  const predecessor = lastOf(dataDir);
  const notes = seen.map((file) => readFileSync(resolve(file), 'utf8'));
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
  const file = join(dataDir, 'succession.json');
  const replaces = pendingIn(file);
  const order = {
    ...{
      origin,
      reason: restored ? 'restored' : 'time-over',
      from: new Date(fromMs).toISOString(),
      seen: notes,
    },
    ...(newKey === undefined ? {} : { key_file: resolve(newKey) }),
  };
  // Under its name only once it is whole: the ledger may be looking.
  writeFileSync(`${file}.new`, JSON.stringify(order), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  print(options, { file, predecessor, replaces, row }, () => [
    `${predecessor} is to be followed by ${origin}: ${file}`,
    ...(replaces === null ? [] : [`This replaces an order that was not carried out yet: ${replaces}`]),
    'Row for the directory, with the nkey of the row before:',
    jsonText(row),
  ]);
}

/** The order that is there and waits, in words. */
function pendingIn(file: string): string | null {
  if (!existsSync(file)) return null;
  try {
    const { origin, reason, from } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return `${origin} from ${from} (${reason})`;
  } catch {
    return 'one that cannot be read';
  }
}

function placesOf({ home, nation, data, key }: Succeed): { readonly dataDir: string; readonly key: string } {
  if (data !== undefined) {
    if (key === undefined) throw new UsageError("With --data name the ledger's --key as well.");
    return { dataDir: resolve(data), key };
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

/** The origin of the log that is written on now. */
function lastOf(dataDir: string): string {
  const last = listLogs(dataDir, '').at(-1);
  const database = openForReading(join(last?.dir ?? dataDir, 'ledger.sqlite'), LEDGER_SCHEMA);
  try {
    const note = String(database.prepare('SELECT note FROM head').get()?.note ?? '');
    if (note === '')
      throw new UsageError(`The log in ${dataDir} has no entry: give its ledger another ORIGIN.`);
    return parseCheckpoint(parseNote(note).text).origin;
  } finally {
    database.close();
  }
}
