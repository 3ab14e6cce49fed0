import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { backupDatabase } from '@entente/runtime';
import type { Command } from 'commander';
import { listLogs } from '../history/ledger-logs.js';
import { findMember, paths, readHome } from '../network/home.js';
import { print } from '../print.js';
import { isThere } from '../read-named.js';
import { UsageError } from '../usage.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

type Choice = HomeOptions & {
  readonly member?: string;
  readonly nation?: string;
  readonly data?: string;
  readonly origin?: string;
  readonly out: string;
};

const FILES = ['edge.sqlite', 'ledger.sqlite', 'monitor.sqlite'] as const;

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('Copy the database of an edge or a ledger as it is at one moment, while it works.')
    .option(...HOME_OPTION)
    .option('--member <id>', 'the edge of this member')
    .option('--nation <code>', 'the ledger of this nation')
    .option('--data <dir>', 'instead of --home: the DATA_DIR of the service')
    .option('--origin <name>', 'of a ledger: which of its logs; without it, the one that is written on')
    .requiredOption('--out <file>', 'where the copy goes; nothing is overwritten')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente backup --member hotline.de --out backups/hotline.sqlite --home .entente\n\nThe copy is as confidential as the service itself. docs/operate.md says how it is put back, and what is lost then; a ledger that finds it in the place of its database goes on under another origin.',
    )
    .action(run);
}

function run(options: Choice): void {
  const out = resolve(options.out);
  mkdirSync(dirname(out), { recursive: true, mode: 0o700 });
  const copied = databasesOf(options).find((path) => isThere(path) && copy(path, out));
  if (copied === undefined) throw new UsageError('There is no database of a service in that folder.');
  print(options, { from: copied, to: out }, () => [`${copied} is copied to ${out}.`]);
}

function copy(path: string, out: string): boolean {
  try {
    backupDatabase(path, out);
    return true;
  } catch (error) {
    if (/^there is no database/.test((error as Error).message)) return false;
    throw error;
  }
}

function databasesOf({ member, nation, data, home, origin }: Choice): string[] {
  if ([member, nation, data].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('Name one of --member, --nation and --data.');
  if (data !== undefined)
    return [...laterLog(resolve(data), origin), ...FILES.map((file) => join(resolve(data), file))];
  const network = readHome(resolve(home));
  if (member !== undefined)
    return [join(paths.edge(network.dir, findMember(network, member).id), 'edge.sqlite')];
  const ledger = paths.ledger(network.dir, nation ?? '');
  return [...laterLog(ledger, origin), join(ledger, 'ledger.sqlite')];
}

/** A ledger that goes on under another origin has a database for each log: of which one, must not be left to chance. */
function laterLog(dataDir: string, origin: string | undefined): string[] {
  const logs = listLogs(dataDir, origin ?? '').filter(({ remains }) => remains === null);
  const log = origin === undefined ? logs.at(-1) : logs.find((one) => one.origin === origin);
  if (!log) throw new UsageError(`There is no log ${origin} in that folder.`);
  return [join(log.dir, 'ledger.sqlite')];
}
