import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { faultWords } from '../history/faults-of-logs.js';
import { chooseLogs, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { showProgressOf } from '../history/progress.js';
import { complain, jsonText, print, printLines } from '../print.js';
import { collectStatistics, type Period } from '../report/collect.js';
import { NOT_IN_REGISTER, REGISTER_COLUMNS, readRegister, type Transfer } from '../report/register.js';
import { reportHtml } from '../report/report-html.js';
import { csvLine, notesOf, reportCsv, reportLines } from '../report/report-words.js';
import { checkPublicPeriod, roundForPublic } from '../report/round-for-public.js';
import { type Section, sectionsOf } from '../report/sections.js';
import { dayMs } from '../times.js';
import { AnswerIsNo, UsageError } from '../usage.js';
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
    .option(
      '--public',
      'round each number down to a multiple of 5; of whole months that ended 60 days ago or earlier',
    )
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
      '\nExample:\n  entente audit register --home .entente --nation DE --csv\n\nWith --json: one object a line; the last says what is not in it.',
    )
    .action(runRegister);
}

function period(audit: Command, name: string, description: string): Command {
  const command = audit.command(name).description(description);
  for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
  return command
    .option('--from <day>', 'first day, YYYY-MM-DD', dayMs)
    .option('--to <day>', 'the day after the last one, YYYY-MM-DD', dayMs)
    .option('--csv', 'print CSV')
    .option(...JSON_OPTION);
}

/** @throws UsageError: an empty report would be read as one of a time in which nothing happened */
function periodOf({ from, to }: PeriodChoice): Period {
  if (from !== undefined && to !== undefined && to <= from)
    throw new UsageError('--to names the day after the last one, and has to be later than --from.');
  return { ...(from === undefined ? {} : { fromMs: from }), ...(to === undefined ? {} : { toMs: to }) };
}

async function runReport(options: ReportChoice): Promise<void> {
  const isPublic = options.public === true;
  const period = periodOf(options);
  if (isPublic) checkPublicPeriod(period, Date.now());
  const sources = chooseLogs(options);
  const { statistics: counted, faults } = await collectStatistics(sources, period, showProgressOf(sources));
  const statistics = isPublic ? roundForPublic(counted) : counted;
  const about = { statistics, isPublic, faults };
  const sections = sectionsOf(statistics);
  const write = isPublic ? writeFileSync : writePrivate;
  if (options.html !== undefined) write(resolve(options.html), reportHtml(sections, about));
  const { nations, from, to, until } = statistics;
  print(options, { nations, from, to, until, sections: sections.map(asObjects), ...notesOf(about) }, () =>
    options.csv ? reportCsv(sections, about) : reportLines(sections, about),
  );
  if (faults.length > 0) throw new AnswerIsNo();
}

function asObjects({ title, columns, rows, sum }: Section) {
  const objects = rows.map(({ values, count }) => ({
    ...Object.fromEntries(columns.map((column, i) => [column, values[i] ?? null])),
    count,
  }));
  return { title, sum, rows: objects };
}

/** Line by line: a register of years is not held in memory. */
async function runRegister(options: PeriodChoice): Promise<void> {
  const say = (...lines: string[]) => printLines(lines);
  let count = 0;
  if (options.csv) say(csvLine(REGISTER_COLUMNS));
  const sources = chooseLogs(options);
  const visit = (transfer: Transfer) => {
    count += 1;
    if (options.json) say(jsonText(transfer));
    else if (options.csv) say(csvLine(REGISTER_COLUMNS.map((column) => cellOf(transfer[column]))));
    else say(...wordsOf(transfer));
  };
  const faults = await readRegister(sources, periodOf(options), visit, showProgressOf(sources));
  const notes = [...NOT_IN_REGISTER, ...faults.map(faultWords)];
  if (options.json) say(jsonText({ notInRegister: NOT_IN_REGISTER, faults }));
  else if (options.csv) complain(['Not in this register:', ...notes].join('\n'));
  else say(`${count} transfers. Not in this register:`, ...notes.map((words) => `  ${words}`));
  if (faults.length > 0) throw new AnswerIsNo();
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
