import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { chooseLogs, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { jsonText, print, printLines } from '../print.js';
import { collectStatistics, type Period } from '../report/collect.js';
import { NOT_IN_REGISTER, REGISTER_COLUMNS, readRegister, type Transfer } from '../report/register.js';
import { reportHtml } from '../report/report-html.js';
import { csvLine, NOT_SHOWN, reportCsv, reportLines } from '../report/report-words.js';
import { checkPublicPeriod, PUBLIC_RULE, roundForPublic } from '../report/round-for-public.js';
import { sectionsOf } from '../report/sections.js';
import { writePrivate } from '../write-private.js';
import { JSON_OPTION } from './options.js';

type PeriodChoice = LogChoice & {
  readonly from?: number;
  readonly to?: number;
  readonly csv?: boolean;
  readonly json?: boolean;
};
type ReportChoice = PeriodChoice & { readonly public?: boolean; readonly html?: string };

export function addAuditReport(audit: Command): void {
  period(
    audit,
    'report',
    'Count from the logs alone: decisions, refusals by rule, holds, times, outcomes, transfers by ground, gaps.',
  )
    .option('--public', 'round each number down to a multiple of 5; of whole months that are over')
    .option(
      '--html <file>',
      'write the report as a page with plots as well; without --public only its owner can read it',
    )
    .addHelpText(
      'after',
      '\nExample:\n  entente audit report --home .entente --public --from 2026-01-01 --to 2026-02-01 --html report.html',
    )
    .action(runReport);
  period(
    audit,
    'register',
    'List each transfer to another nation: when, to whom, on which ground, which data (GDPR 30, 49(6); LED 37–39).',
  )
    .addHelpText(
      'after',
      '\nExample:\n  entente audit register --home .entente --nation DE --csv\n\nWith --json: one object a line.',
    )
    .action(runRegister);
}

function period(audit: Command, name: string, description: string): Command {
  const command = audit.command(name).description(description);
  for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
  return command
    .option('--from <day>', 'first day, YYYY-MM-DD', day)
    .option('--to <day>', 'the day after the last one, YYYY-MM-DD', day)
    .option('--csv', 'print CSV')
    .option(...JSON_OPTION);
}

function day(text: string): number {
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(ms))
    throw new InvalidArgumentError('A day is needed, as YYYY-MM-DD.');
  return ms;
}

function periodOf({ from, to }: PeriodChoice): Period {
  return { ...(from === undefined ? {} : { fromMs: from }), ...(to === undefined ? {} : { toMs: to }) };
}

async function runReport(options: ReportChoice): Promise<void> {
  const isPublic = options.public === true;
  const period = periodOf(options);
  if (isPublic) checkPublicPeriod(period, Date.now());
  const counted = await collectStatistics(chooseLogs(options), period);
  const statistics = isPublic ? roundForPublic(counted) : counted;
  const sections = sectionsOf(statistics);
  const write = isPublic ? writeFileSync : writePrivate;
  if (options.html !== undefined) write(resolve(options.html), reportHtml(sections, statistics, isPublic));
  const { nations, from, to } = statistics;
  const notShown = isPublic ? [PUBLIC_RULE, ...NOT_SHOWN] : NOT_SHOWN;
  const value = { nations, from, to, sections, notShown };
  print(options, value, () =>
    options.csv ? reportCsv(sections) : reportLines(sections, statistics, isPublic),
  );
}

/** Line by line: a register of years is not held in memory. */
async function runRegister(options: PeriodChoice): Promise<void> {
  const say = (...lines: string[]) => printLines(lines);
  let count = 0;
  if (options.csv) say(csvLine(REGISTER_COLUMNS));
  await readRegister(chooseLogs(options), periodOf(options), (transfer) => {
    count += 1;
    if (options.json) say(jsonText(transfer));
    else if (options.csv) say(csvLine(REGISTER_COLUMNS.map((column) => cellOf(transfer[column]))));
    else say(...wordsOf(transfer));
  });
  if (options.json || options.csv) return;
  say(`${count} transfers. Not in this register:`);
  say(...NOT_IN_REGISTER.map((line) => `  ${line}`));
}

function cellOf(value: string | number | readonly string[]): string {
  return typeof value === 'object' ? value.join('; ') : String(value);
}

function wordsOf(transfer: Transfer): string[] {
  const { at, nation, entry, from, fromRole, to, toRole, category, action, force, purpose } = transfer;
  const { legalBasis, rules, dataClasses, subjects, retentionDays } = transfer;
  return [
    `${at}  ${nation} ${entry}  ${from} (${fromRole}) → ${to} (${toRole})  ${category}: ${action} (${force}), for ${purpose}`,
    `    ground: ${legalBasis.join(', ') || 'none named'}; passed by ${rules.join(', ')}`,
    `    data: ${dataClasses.join(', ') || 'none'}; of: ${subjects.join(', ') || 'nobody named'}; kept ${retentionDays} days at most`,
  ];
}
