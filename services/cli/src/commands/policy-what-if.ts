import { resolve } from 'node:path';
import type { Command } from 'commander';
import { faultWords } from '../history/faults-of-logs.js';
import { readNamedPack } from '../history/find-pack.js';
import { chooseLog, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import { type Move, type WhatIf, whatIf } from '../history/what-if.js';
import { LIMITS_OF_IT, whatIfHtml } from '../history/what-if-html.js';
import { print, table } from '../print.js';
import { dayMs } from '../times.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { writePrivate } from '../write-private.js';
import { JSON_OPTION } from './options.js';

interface WhatIfCommand extends LogChoice {
  readonly pack: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly html?: string;
  readonly json?: boolean;
}

const DAY_MS = 86_400_000;

export function addPolicyWhatIf(policy: Command): void {
  const command = policy
    .command('what-if')
    .description(
      'Decide every logged crossing under other rules, and say which would have ended differently.',
    );
  for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
  command
    .requiredOption(
      '--pack <path...>',
      'a signed .pack file or a folder of rules; one: compared with what was logged; two: the first with the second',
    )
    .option('--from <date>', 'entries of this day (UTC) and later')
    .option('--to <date>', 'entries of this day (UTC) and earlier')
    .option('--html <file>', 'write the report as a page as well, which only its owner can read')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente policy what-if --home .entente --nation DE --pack proposed-packs --html what-if.html\n\nExit code 0: decided, whatever changes; 1: the log itself has faults.',
    )
    .action(run);
}

async function run(options: WhatIfCommand): Promise<void> {
  const source = chooseLog(options);
  const [first, second, ...more] = options.pack.map((path) => readNamedPack(resolve(path), source.nation));
  if (!first || more.length > 0) throw new UsageError('Name one --pack or two.');
  const result = await whatIf(source, {
    ...(second ? { before: first } : {}),
    after: second ?? first,
    ...timeOf(options),
    onProgress: showProgress(source.nation),
  });
  if (options.html !== undefined) writePrivate(resolve(options.html), whatIfHtml(result));
  print(options, { ...result, does_not_show: LIMITS_OF_IT }, () => words(result, options.html));
  if (result.faults.length > 0) throw new AnswerIsNo();
}

/** @throws UsageError: nothing decided again would be read as nothing that would change */
function timeOf({ from, to }: WhatIfCommand): { readonly fromMs?: number; readonly toMs?: number } {
  const [fromMs, toMs] = [from, to].map((day) => (day === undefined ? undefined : dayMs(day)));
  if (fromMs !== undefined && toMs !== undefined && toMs < fromMs)
    throw new UsageError('--to names the last day, and cannot be earlier than --from.');
  return {
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs: toMs + DAY_MS }),
  };
}

function words(result: WhatIf, html: string | undefined): string[] {
  const { origin, decided, changed, before, after, moves, rules, changes, faults } = result;
  const isMove = (move: Move) => move.before !== move.after;
  return [
    `${origin}: ${decided} decided again, ${changed} would be different`,
    `  before: ${before}`,
    `  after:  ${after}`,
    ...table(
      moves
        .filter(isMove)
        .map((move) => [`  ${move.count}`, move.category, move.pair, `${move.before} → ${move.after}`]),
    ),
    ...table(rules.map((one) => [`  ${one.rule}`, `decided ${one.before}, would decide ${one.after}`])),
    ...changes.slice(0, 20).map((one) => `  ${one.at} ${one.id} ${one.before} → ${one.after}: ${one.reason}`),
    ...(changed > 20 ? [`  … ${changed - 20} more; --json and --html list them`] : []),
    ...faults.map(faultWords),
    'What this does not show:',
    ...LIMITS_OF_IT.map((line) => `  ${line}`),
    ...(html === undefined ? [] : [`Written to ${html}.`]),
  ];
}
