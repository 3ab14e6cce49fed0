import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERASURE_REASON } from '@entente/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { readCase } from '../history/case-timeline.js';
import { chooseLog, chooseLogs, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { type ErasurePlan, planErasure } from '../history/plan-erasure.js';
import { print } from '../print.js';
import { UsageError } from '../usage.js';
import { JSON_OPTION } from './options.js';

type Choice = LogChoice & { readonly json?: boolean };

export function addRetention(program: Command): void {
  const retention = program.command('retention').description('What a log keeps, and what it forgets.');
  const plan = retention
    .command('plan')
    .description('Say what will go from a log, and when, before it goes.')
    .option('--days <n>', 'RETENTION_DAYS of the ledger', days, 1095);
  const erase = retention
    .command('erase')
    .description('Order the ledger on this machine to erase what its log holds of one case.')
    .argument('<case>', 'id of the case')
    .requiredOption('--reason <word>', ERASURE_REASON.join(', '))
    .requiredOption('--reference <text>', 'where the decision can be found, a file number; no name');
  for (const command of [plan, erase]) {
    for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
    command.option(...JSON_OPTION);
  }
  plan
    .addHelpText('after', '\nExample:\n  entente retention plan --home .entente --nation DE --days 1095')
    .action(runPlan);
  erase
    .addHelpText(
      'after',
      '\nExample:\n  entente retention erase 8f14e45fceea167a5a36dedd4bea2543 --reason order --reference "court file 17/26" --home .entente --nation DE\n\nThe ledger carries it out within seconds, unless the case is under legal hold: the file that this command names is then called ".done", else ".refused".',
    )
    .action(runErase);
}

function days(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError('A number of days is needed.');
  return Number(text);
}

async function runPlan(options: Choice & { readonly days: number }): Promise<void> {
  const plans: ErasurePlan[] = [];
  for (const source of chooseLogs(options)) plans.push(await planErasure(source, options.days));
  print(options, { days: options.days, plans }, () => plans.flatMap(planWords));
}

function planWords({ nation, months, held, erased }: ErasurePlan): string[] {
  return [
    `${nation}: ${erased} erased already, ${held} under legal hold`,
    ...months.map(({ month, entries }) => `  ${month}  ${entries} entries`),
  ];
}

/** So many entries may one order name; a longer case takes several. */
const MOST_INDICES = 256;

async function runErase(
  caseId: string,
  options: Choice & { readonly reason: string; readonly reference: string },
): Promise<void> {
  const { reason, reference } = options;
  if (!(ERASURE_REASON as readonly string[]).includes(reason))
    throw new UsageError(`"${reason}" is no reason: ${ERASURE_REASON.join(', ')}.`);
  const source = chooseLog(options);
  const indices = (await readCase([source], caseId)).map(({ index }) => index);
  if (indices.length === 0)
    throw new UsageError(`The log of ${source.nation} holds nothing of the case ${caseId}.`);
  const folder = join(source.dir, 'erase');
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  for (let at = 0; at < indices.length; at += MOST_INDICES) {
    const file = join(folder, `${caseId}-${at}.json`);
    const order = { indices: indices.slice(at, at + MOST_INDICES), reason, reference };
    // Under its name only once it is whole: the ledger may be looking.
    writeFileSync(`${file}.new`, JSON.stringify(order));
    renameSync(`${file}.new`, file);
    files.push(file);
  }
  print(options, { entries: indices.length, files }, () => [
    `${indices.length} entries are to go:`,
    ...files.map((file) => `  ${file}`),
  ]);
}
