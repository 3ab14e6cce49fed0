import { join, resolve } from 'node:path';
import { parseCheckpoint, parseNote } from '@entente/audit';
import { type Command, InvalidArgumentError } from 'commander';
import { faultWords } from '../history/faults-of-logs.js';
import { type LedgerLog, lastCheckpoint } from '../history/ledger-logs.js';
import { chooseLogs, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { type ErasurePlan, planErasure, type Retained } from '../history/plan-erasure.js';
import { showProgress } from '../history/progress.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { counted, print } from '../print.js';
import { AnswerIsNo } from '../usage.js';
import { addSignoff, JSON_OPTION, type SignoffOptions, signoffOf } from './options.js';
import { addRetentionErase, BY_ORDER, checkReason } from './retention-erase.js';
import { addRetentionHold } from './retention-hold.js';

type Choice = LogChoice & { readonly json?: boolean };

export function addRetention(program: Command): void {
  const retention = program.command('retention').description('What a log keeps, and what it forgets.');
  const plan = retention
    .command('plan')
    .description('Say what will go from a log, and when, before it goes.')
    .option('--days <n>', 'RETENTION_DAYS of the ledger', days, 1095)
    .option('--log-days <n>', 'LOG_RETENTION_DAYS of the ledger', days, 3650);
  for (const [flags, words] of LOG_OPTIONS) plan.option(flags, words);
  plan.option(...JSON_OPTION);
  addRetentionErase(retention);
  const eraseCase = retention
    .command('erase-case')
    .description("Have a member's edge erase contents and proofs of one case now, on a lawful request.")
    .argument('<case>', 'id of the case')
    .requiredOption('--member <id>', 'whose edge')
    .requiredOption('--reason <word>', BY_ORDER.join(', '))
    .requiredOption('--reference <text>', 'where the decision can be found, a file number; no name');
  addSignoff(eraseCase)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention erase-case 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --reason request --reference "request 12/26" --home .entente\n\nExit code 1: the edge has no such case, or a legal hold keeps it.',
    )
    .action(runEraseCase);
  addRetentionHold(retention);
  plan
    .addHelpText(
      'after',
      '\nExample:\n  entente retention plan --home .entente --nation DE --days 1095\n\nExit code 1: the log has faults, so that more may be gone than its entries say.',
    )
    .action(runPlan);
}

function days(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError('A number of days is needed.');
  return Number(text);
}

async function runPlan(options: Choice & Retained): Promise<void> {
  const { days, logDays } = options;
  const sources = chooseLogs(options);
  const plans: ErasurePlan[] = [];
  for (const source of sources)
    plans.push(await planErasure(source, { days, logDays }, showProgress(source.nation)));
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
  if (plans.some(({ faults }) => faults.length > 0)) throw new AnswerIsNo();
}

function deletedOf(nation: string, log: LedgerLog) {
  const { origin, remains } = log;
  if (remains === null) return [];
  const checkpoint = lastCheckpoint(log);
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  return [{ nation, origin, size, checkpoint, counts: join(remains, 'counts.json') }];
}

function planWords({ nation, origin, months, held, erased, goesWhole, faults }: ErasurePlan): string[] {
  return [
    `${nation}: ${erased} erased already, ${held} under legal hold  (${origin})`,
    ...months.map(({ month, entries }) => `  ${month}  ${counted(entries, 'entry', 'entries')}`),
    ...(goesWhole === null
      ? []
      : [`  after ${goesWhole}  the whole log, but for its last checkpoint and the counts${kept(held)}`]),
    ...faults.map((fault) => faultWords({ nation, ...fault })),
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
  checkReason(reason, BY_ORDER);
  const client = edgeClient(readHome(resolve(options.home)), member, actor ? { actor } : {});
  const erased = await client.eraseCase(caseId, { reason, reference, ...signoffOf(options) });
  print(options, erased, () => [
    `${member}: ${counted(erased.messages - erased.waiting, 'content')} erased, and what proved ${counted(erased.proofs, 'message')}.`,
    ...(erased.waiting === 0
      ? []
      : [
          `  ${erased.waiting} more: what was sent and has no outcome yet goes when it has; while the gate does not answer, all waits. Nothing more has to be done.`,
        ]),
    ...(erased.quarantined === 0
      ? []
      : [`  ${counted(erased.quarantined, 'message')} of it in quarantine dropped.`]),
    ...(erased.overwritten ? [] : [NOT_YET_OVERWRITTEN]),
  ]);
}

const NOT_YET_OVERWRITTEN =
  'What went is not overwritten yet: another process, a backup perhaps, reads an older state of the database. It is within a minute after that.';
