import { resolve } from 'node:path';
import type { Command } from 'commander';
import { copyLog } from '../history/copy-log.js';
import { chooseLog, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import { print } from '../print.js';
import { JSON_OPTION } from './options.js';

export function addLogCopy(log: Command): void {
  const command = log
    .command('copy')
    .description(
      'Copy a log with its records, packs and directories into a folder, which can be audited without the ledger. Again: what is new.',
    )
    .argument('<dir>', 'folder of the copy; made if there is none');
  for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
  command
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente log copy de --nation DE --vkey KEY --log https://log.agency.example --token-file auditor.token\n  entente audit verify --log de --nation DE --vkey KEY --anchors anchors.json',
    )
    .action(async (dir: string, options: LogChoice & { readonly json?: boolean }) => {
      const source = chooseLog(options);
      const copied = await copyLog(source, resolve(dir), showProgress(source.nation));
      print(options, copied, () => [`${copied.size} entries, ${copied.files} files are new in ${dir}`]);
    });
}
