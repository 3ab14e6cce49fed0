import { resolve } from 'node:path';
import { folderFiles, type LogFiles, parseVkey, verifyLog } from '@entente/audit';
import { wire } from '@entente/contract';
import type { Command } from 'commander';
import { httpFiles, isAddress } from '../history/http-files.js';
import { chooseLog, logFilesOf } from '../history/log-source.js';
import { namingPlace } from '../history/name-place.js';
import { showProgress } from '../history/progress.js';
import { counted, print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { addLogCopy } from './log-copy.js';
import { JSON_OPTION } from './options.js';

interface LogOptions {
  readonly home?: string;
  readonly nation?: string;
  readonly origin?: string;
  readonly vkey?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

export function addLog(program: Command): void {
  const log = program
    .command('log')
    .description("Check or copy a nation's log, or any other of C2SP tlog-tiles.");
  log
    .command('verify')
    .description(
      'Verify a whole log from its files alone: signature, every entry, every tile; and the order of times, where the entries are ours.',
    )
    .argument('[place]', 'folder (checkpoint and tile/) or https:// address of the log')
    .option('--vkey <key>', 'verifier key of the log, name+id+key')
    .option('--token-file <file>', 'with an address: file of the token that opens the entries')
    .option('--home <dir>', 'instead: folder of a network on this machine')
    .option('--nation <code>', 'with --home: whose log')
    .option(
      '--origin <name>',
      'name of the log: with --nation which one, where it has several; with a place where it is not the name of its key',
    )
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  entente log verify --home .entente --nation DE')
    .action(verify);
  addLogCopy(log);
}

async function verify(place: string | undefined, options: LogOptions): Promise<void> {
  const { files, vkey, name } = whichLog(place, options);
  const key = parseVkey(vkey);
  const disorder: string[] = [];
  const onProgress = showProgress(name);
  let [lastMs, foreign] = [0, 0];
  const report = await namingPlace(name, vkey, () =>
    verifyLog(files, {
      key,
      origin: options.origin ?? key.name,
      onEntry: (index, bytes, size) => {
        if (index % 256 === 0) onProgress(index, size);
        const timeMs = timeOf(bytes);
        if (timeMs === undefined) foreign += 1;
        else if (timeMs < lastMs && disorder.length < MOST_LISTED)
          disorder.push(`time-goes-back entry ${index}: it is older than the one before it`);
        lastMs = Math.max(lastMs, timeMs ?? 0);
      },
    }),
  );
  const faults = [
    ...report.faults.map(({ code, path, detail }) => `${code} ${path}: ${detail}`),
    ...disorder,
  ];
  const root = Buffer.from(report.root).toString('hex');
  print(
    options,
    { origin: report.origin, size: report.size, root, foreign, verified: faults.length === 0, faults },
    () => [
      `${report.origin}: ${counted(report.size, 'entry', 'entries')}, root ${root}`,
      ...(foreign > 0
        ? [`${foreign} entries are not leaves of a ledger: their times were not looked at`]
        : []),
      ...faults.map((fault) => `FAULT ${fault}`),
      faults.length === 0 ? 'verified' : 'DOES NOT VERIFY',
    ],
  );
  if (faults.length > 0) throw new AnswerIsNo();
}

const MOST_LISTED = 1000;

/** Logs of others have other entries. */
function timeOf(bytes: Uint8Array): number | undefined {
  try {
    const { event, timeMs, commitment } = wire.leaf.decode(bytes);
    return event !== '' && commitment.length === 32 ? timeMs : undefined;
  } catch {
    return undefined;
  }
}

function whichLog(
  place: string | undefined,
  { home, nation, origin, vkey, tokenFile }: LogOptions,
): { readonly files: LogFiles; readonly vkey: string; readonly name: string } {
  if (place !== undefined && vkey !== undefined) {
    const remote = { base: place, ...(tokenFile === undefined ? {} : { tokenFile: resolve(tokenFile) }) };
    return { files: isAddress(place) ? httpFiles(remote) : folderFiles(resolve(place)), vkey, name: place };
  }
  if (home === undefined || nation === undefined) {
    throw new UsageError('Name a folder or an address and its --vkey, or a --home and a --nation.');
  }
  const source = chooseLog({ home, nation, ...(origin === undefined ? {} : { origin }) });
  return { files: logFilesOf(source), vkey: source.vkey, name: source.nation };
}
