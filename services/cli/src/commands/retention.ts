import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseCheckpoint, parseNote } from '@entente/audit';
import { ERASURE_REASON } from '@entente/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { readCase } from '../history/case-timeline.js';
import { type LedgerLog, lastCheckpoint } from '../history/ledger-logs.js';
import { chooseLogs, LOG_OPTIONS, type LogChoice, type LogSource, originOf } from '../history/log-source.js';
import { type ErasurePlan, planErasure, type Retained } from '../history/plan-erasure.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { counted, print } from '../print.js';
import { UsageError } from '../usage.js';
import { addSignoff, JSON_OPTION, type SignoffOptions, signoffOf } from './options.js';
import { addRetentionHold } from './retention-hold.js';

type Choice = LogChoice & { readonly json?: boolean };

export function addRetention(program: Command): void {
  const retention = program.command('retention').description('What a log keeps, and what it forgets.');
  const plan = retention
    .command('plan')
    .description('Say what will go from a log, and when, before it goes.')
    .option('--days <n>', 'RETENTION_DAYS of the ledger', days, 1095)
    .option('--log-days <n>', 'LOG_RETENTION_DAYS of the ledger', days, 3650);
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
  const eraseCase = retention
    .command('erase-case')
    .description("Have a member's edge erase the contents of one case now, on a lawful request.")
    .argument('<case>', 'id of the case')
    .requiredOption('--member <id>', 'whose edge')
    .requiredOption('--reason <word>', ERASE_CASE_REASONS.join(', '))
    .requiredOption('--reference <text>', 'where the decision can be found, a file number; no name');
  addSignoff(eraseCase)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention erase-case 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --reason request --reference "request 12/26" --home .entente\n\nExit code 1: the edge has no such case, or a legal hold keeps it.',
    )
    .action(runEraseCase);
  addRetentionHold(retention);
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

async function runPlan(options: Choice & Retained): Promise<void> {
  const { days, logDays } = options;
  const sources = chooseLogs(options);
  const plans: ErasurePlan[] = [];
  for (const source of sources) plans.push(await planErasure(source, { days, logDays }));
  const deleted = sources
    .filter(({ nation }, at) => sources.findIndex((other) => other.nation === nation) === at)
    .flatMap(({ nation, logs = [] }) => logs.flatMap((log) => deletedOf(nation, log)));
  print(options, { days, logDays, plans, deleted }, () => [
    ...plans.flatMap(planWords),
    ...deleted.map(
      ({ nation, origin, size, counts }) =>
        `${nation}: ${origin} is deleted whole; of its ${size} entries the counts are left: ${counts}`,
    ),
  ]);
}

function deletedOf(nation: string, log: LedgerLog) {
  const { origin, remains } = log;
  if (remains === null) return [];
  const checkpoint = lastCheckpoint(log);
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  return [{ nation, origin, size, checkpoint, counts: join(remains, 'counts.json') }];
}

function planWords({ nation, origin, months, held, erased, goesWhole }: ErasurePlan): string[] {
  return [
    `${nation}: ${erased} erased already, ${held} under legal hold  (${origin})`,
    ...months.map(({ month, entries }) => `  ${month}  ${counted(entries, 'entry', 'entries')}`),
    ...(goesWhole === null
      ? []
      : [`  after ${goesWhole}  the whole log, but for its last checkpoint and the counts${kept(held)}`]),
  ];
}

function kept(held: number): string {
  return held > 0 ? ', unless a legal hold keeps it' : '';
}

interface EraseCaseOptions extends SignoffOptions {
  readonly reason: string;
  readonly reference: string;
}

async function runEraseCase(caseId: string, options: EraseCaseOptions): Promise<void> {
  const { member, reason, reference, actor } = options;
  checkReason(reason, ERASE_CASE_REASONS);
  const client = edgeClient(readHome(resolve(options.home)), member, actor ? { actor } : {});
  const erased = await client.eraseCase(caseId, { reason, reference, ...signoffOf(options) });
  print(options, erased, () => [
    `${counted(erased.messages - erased.waiting, 'content')} of ${member} erased; ${erased.waiting} more with their outcome, or when its gate has said the time`,
  ]);
}

/** That the time is over an edge knows itself. */
const ERASE_CASE_REASONS = ERASURE_REASON.filter((word) => word !== 'time-over');

function checkReason(reason: string, known: readonly string[]): void {
  if (!known.includes(reason)) throw new UsageError(`"${reason}" is no reason: ${known.join(', ')}.`);
}

/** So many entries may one order name; a longer case takes several. */
const MOST_INDICES = 256;

async function runErase(
  caseId: string,
  options: Choice & { readonly reason: string; readonly reference: string },
): Promise<void> {
  const { reason, reference } = options;
  checkReason(reason, ERASURE_REASON);
  const sources = chooseLogs(options);
  const nation = sources[0]?.nation;
  if (sources.some((source) => source.nation !== nation))
    throw new UsageError('Name one nation with --nation.');
  // What one seal says of several cases names this one's messages by random ids, and stays for the others until its own time is over.
  const entries = (await readCase(sources, caseId)).filter(({ isShared }) => !isShared);
  if (entries.length === 0)
    throw new UsageError(`The logs of ${nation} hold nothing of the case ${caseId} any more, or never did.`);
  const files = sources.flatMap((source, at) => {
    const indices = entries.filter(({ origin }) => origin === originOf(source)).map(({ index }) => index);
    return writeOrders(source, `${caseId}${at === 0 ? '' : `-log${at}`}`, { indices, reason, reference });
  });
  print(options, { entries: entries.length, files }, () => [
    `The ledger is asked to erase ${counted(entries.length, 'entry', 'entries')}. Its answer: the file ends in ".done", or in ".refused" with the reason in its log.`,
    ...files.map((file) => `  ${file}`),
  ]);
}

interface Order {
  readonly indices: readonly number[];
  readonly reason: string;
  readonly reference: string;
}

function writeOrders(source: LogSource, name: string, { indices, reason, reference }: Order): string[] {
  if (source.remote)
    throw new UsageError("An order is laid into the ledger's folder: name that with --home.");
  const folder = join(source.dataDir ?? source.dir, 'erase');
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  for (let at = 0; at < indices.length; at += MOST_INDICES) {
    const file = join(folder, `${name}-${at}.json`);
    const some = indices.slice(at, at + MOST_INDICES);
    // Under its name only once it is whole: the ledger may be looking.
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ indices: some, reason, reference, origin: originOf(source) }),
    );
    renameSync(`${file}.new`, file);
    files.push(file);
  }
  return files;
}
