import { resolve } from 'node:path';
import { parseVkey, verifyLog } from '@entente/audit';
import { wire } from '@entente/contract';
import type { Command } from 'commander';
import { chooseLog, imageOf } from '../history/log-source.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { JSON_OPTION } from './options.js';

interface LogOptions {
  readonly home?: string;
  readonly nation?: string;
  readonly origin?: string;
  readonly vkey?: string;
  readonly json?: boolean;
}

export function addLog(program: Command): void {
  const log = program.command('log').description("Check a nation's log.");
  log
    .command('verify')
    .description(
      'Verify a whole log from its files alone: signature, every entry, every tile, and the order of times.',
    )
    .argument('[dir]', 'folder of the log (checkpoint and tile/)')
    .option('--vkey <key>', 'verifier key of the log, name+id+key')
    .option('--home <dir>', 'instead: folder of a network on this machine')
    .option('--nation <code>', 'with --home: whose log')
    .option('--origin <name>', 'with --nation: which one, where it has several')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  entente log verify --home .entente --nation DE')
    .action(verify);
}

async function verify(dir: string | undefined, options: LogOptions): Promise<void> {
  const { folder, vkey } = whichLog(dir, options);
  const key = parseVkey(vkey);
  const disorder: string[] = [];
  let lastMs = 0;
  const report = await verifyLog(folder, {
    key,
    origin: key.name,
    onEntry: (index, bytes) => {
      const { timeMs } = wire.leaf.decode(bytes);
      if (timeMs < lastMs) disorder.push(`entry ${index} is older than the one before it`);
      lastMs = Math.max(lastMs, timeMs);
    },
  });
  const faults = [
    ...report.faults.map(({ code, path, detail }) => `${code} ${path}: ${detail}`),
    ...disorder,
  ];
  const root = Buffer.from(report.root).toString('hex');
  print(
    options,
    { origin: report.origin, size: report.size, root, verified: faults.length === 0, faults },
    () => [
      `${report.origin}: ${report.size} entries, root ${root}`,
      ...faults.map((fault) => `FAULT ${fault}`),
      faults.length === 0 ? 'verified' : 'DOES NOT VERIFY',
    ],
  );
  if (faults.length > 0) throw new AnswerIsNo();
}

function whichLog(
  dir: string | undefined,
  { home, nation, origin, vkey }: LogOptions,
): { folder: string; vkey: string } {
  if (dir !== undefined && vkey !== undefined) return { folder: resolve(dir), vkey };
  if (home === undefined || nation === undefined) {
    throw new UsageError('Name a folder and its --vkey, or a --home and a --nation.');
  }
  const source = chooseLog({ home, nation, ...(origin === undefined ? {} : { origin }) });
  return { folder: imageOf(source), vkey: source.vkey };
}
