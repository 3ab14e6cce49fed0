import { resolve } from 'node:path';
import type { Command } from 'commander';
import { chooseLog, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import { proveLogged } from '../history/prove-entry.js';
import { print, printExact, progress } from '../print.js';
import { writePrivate } from '../write-private.js';
import { JSON_OPTION } from './options.js';

type Choice = LogChoice & { readonly json?: boolean; readonly out?: string };

export function addAuditProve(audit: Command): void {
  const command = audit
    .command('prove')
    .description(
      'Prove that a log holds an entry: a C2SP tlog-proof, which anybody can check without the log.',
    )
    .argument('<entry>', "index of the entry, or its message's hash (64 hex digits) or id (32)");
  for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
  command
    .option(
      '--out <file>',
      'write it there, as a .tlog-proof that only its owner can read, and not to the terminal',
    )
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente audit prove 17 --home .entente --nation DE --out entry-17.tlog-proof',
    )
    .action(run);
}

async function run(entry: string, options: Choice): Promise<void> {
  const source = chooseLog(options);
  const proved = await proveLogged(source, entry, showProgress(source.nation));
  if (proved.others.length > 0)
    progress(`Entry ${proved.index} is proved; of the same message are ${proved.others.join(', ')} as well.`);
  if (options.out !== undefined) writePrivate(resolve(options.out), proved.proof);
  if (options.out === undefined && !options.json) printExact(proved.proof);
  else print(options, proved, () => [`entry ${proved.index} of ${proved.size} is proved in ${options.out}`]);
}
