import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { readBeside, WITNESS_POLICY_OPTION } from '../evidence/beside-options.js';
import { checkCosigned, readCosigned } from '../evidence/check-cosigned.js';
import { type Audit, auditLog } from '../history/audit-log.js';
import { faultWords } from '../history/faults-of-logs.js';
import {
  chooseLog,
  chooseLogs,
  LOG_OPTIONS,
  type LogChoice,
  type LogSource,
  logFilesOf,
} from '../history/log-source.js';
import { showProgress, showProgressOf } from '../history/progress.js';
import type { ReadLog } from '../history/read-log.js';
import { readSeen } from '../history/read-seen.js';
import { RELAY_MS, type Reconciliation, reconcile } from '../history/reconcile.js';
import {
  countFaults,
  EXIT_FAULT,
  faultsFirst,
  STRICT_OPTION,
  speaksAgainst,
} from '../history/words-of-members.js';
import { readHome } from '../network/home.js';
import { counted, print, table } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { runCase } from './audit-case.js';
import { runChanges } from './audit-changes.js';
import { addAuditProve } from './audit-prove.js';
import { addAuditReport } from './audit-report.js';
import { runSample } from './audit-sample.js';
import { JSON_OPTION } from './options.js';

type Choice = LogChoice & { readonly json?: boolean };
type AuditChoice = WitnessChoice & {
  readonly state?: string;
  readonly seen?: readonly string[];
  readonly strict?: boolean;
};

export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('Check what the logs of nations say, without their help.');
  sub(
    audit,
    'verify',
    'Verify whole logs: files, hashes, checkpoint, times, records, and the signature of every message.',
  )
    .option(...WITNESS_POLICY_OPTION)
    .option(...MONITOR_OPTION)
    .option(...STATE_OPTION)
    .option(...SEEN_OPTION)
    .option(...STRICT_OPTION)
    .addHelpText('after', example('verify --home .entente', EXIT_FAULT))
    .action(async (options: AuditChoice) => await runAudit(options, false));
  sub(audit, 'replay', 'All of verify; and decide each crossing again, under the pack of that day.')
    .option(...WITNESS_POLICY_OPTION)
    .option(...MONITOR_OPTION)
    .option(...STATE_OPTION)
    .option(...SEEN_OPTION)
    .option(...STRICT_OPTION)
    .addHelpText('after', example('replay --home .entente --nation DE', EXIT_FAULT))
    .action(async (options: AuditChoice) => await runAudit(options, true));
  addAuditProve(audit);
  sub(audit, 'reconcile', "Compare nations' logs: what left one must have arrived in the other.")
    .option(
      '--relay-hours <hours>',
      'time that a message may take between two gates',
      hours,
      RELAY_MS / HOUR_MS,
    )
    .option(...WITNESS_POLICY_OPTION)
    .option(...MONITOR_OPTION)
    .addHelpText('after', example('reconcile --home .entente', EXIT_DIFFERS))
    .action(runReconcile);
  sub(audit, 'case', 'Tell everything that the logs know of one case, as a timeline.')
    .argument('<case>', 'id of the case')
    .addHelpText('after', example('case 0123456789abcdef0123456789abcdef --home .entente', EXIT_LOG))
    .action(runCase);
  sub(
    audit,
    'sample',
    'Draw entries of each event, category and decision by chance; the same again from the same entries with the same seed.',
  )
    .option('--size <n>', 'how many of each', count, 5)
    .option(
      '--seed <n>',
      'a number that was drawn with before; without it, one by chance, which is printed',
      count,
    )
    .option('--first <n>', 'draw from the first so many entries: again, after the log has grown', count)
    .addHelpText('after', example('sample --home .entente --nation DE --size 3', EXIT_LOG))
    .action(runSample);
  sub(audit, 'changes', 'List who changed packs, directories and settings, who erased, and who read entries.')
    .addHelpText('after', example('changes --home .entente --nation DE', EXIT_DIFFERS))
    .action(runChanges);
  addAuditReport(audit);
}

const MONITOR_OPTION = [
  '--monitor <url...>',
  'with --witness-policy: monitors that show what is cosigned',
] as const;
const STATE_OPTION = [
  '--state <file>',
  'keep there where it stands, and go on from there: after Ctrl-C, a crash, or when the log has grown; one log only',
] as const;
const SEEN_OPTION = [
  '--seen <file...>',
  'proofs or checkpoints of the log that somebody holds: the log must continue each of them',
] as const;
const HOUR_MS = 3_600_000;
const EXIT_DIFFERS =
  '\n\nExit code 0: nothing speaks against it; 1: the first fault is named, and all others.';
const EXIT_LOG = '\n\nExit code 1: a log has faults, which are named: something may be missing from this.';

function sub(audit: Command, name: string, description: string): Command {
  const command = audit.command(name).description(description);
  for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
  return command.option(...JSON_OPTION);
}

function example(line: string, exit: string): string {
  return `\nExample:\n  entente audit ${line}${exit}`;
}

function count(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
}

function hours(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 8784)) throw new InvalidArgumentError('A number of hours is needed.');
  return value;
}

interface WitnessChoice extends Choice {
  readonly witnessPolicy?: string;
  readonly monitor?: readonly string[];
}

async function runAudit(options: AuditChoice, verdicts: boolean): Promise<void> {
  const sources = options.state === undefined ? chooseLogs(options) : [chooseLog(options)];
  const audits: Audit[] = [];
  const stop = new AbortController();
  // The first Ctrl-C keeps where it stands; the second one ends it as it is.
  const onSignal = () => stop.abort();
  if (options.state !== undefined) process.once('SIGINT', onSignal);
  try {
    for (const source of sources) {
      const { state } = options;
      const seen = readSeen(options.seen ?? [], source.vkey);
      const onProgress = showProgress(source.nation);
      const findFaults = await askWitnesses(source, options);
      const audit = await auditLog(source, { verdicts, state, seen, onProgress, signal: stop.signal });
      audits.push({ ...audit, faults: [...audit.faults, ...((await findFaults?.(audit)) ?? [])] });
    }
  } finally {
    process.off('SIGINT', onSignal);
  }
  print(options, { audits }, () => audits.flatMap(auditWords));
  if (audits.some(({ faults }) => speaksAgainst(faults, options.strict))) throw new AnswerIsNo();
}

/** INVARIANT: what is cosigned is read before the log, which may grow meanwhile and must not shrink. */
async function askWitnesses(
  source: LogSource,
  { home = '.entente', log, logs, witnessPolicy, monitor = [] }: WitnessChoice,
): Promise<((read: Pick<ReadLog, 'size' | 'root'>) => Promise<ReadLog['faults']>) | undefined> {
  const { policy } = readBeside(witnessPolicy === undefined ? {} : { witnessPolicy }, Date.now());
  if (!policy) return undefined;
  const port =
    log === undefined && logs === undefined
      ? readHome(resolve(home)).witnessPorts?.[source.nation]
      : undefined;
  const places = [...monitor, ...(port === undefined ? [] : [`http://127.0.0.1:${port}`])];
  const cosigned = await readCosigned(source.vkey, places);
  const files = logFilesOf(source);
  const read = async (path: string, most: number) => {
    const bytes = await files.read(path, most);
    return typeof bytes === 'string' ? undefined : bytes;
  };
  return async ({ size, root }) =>
    await checkCosigned(cosigned, policy, { read, size, root: Buffer.from(root, 'hex') });
}

function auditWords({ faults, decided, ...audit }: Audit): string[] {
  const { origin, size, root, erased, reasons, seals, checkpoints, resumedAt } = audit;
  const { permit = 0, refuse = 0, hold = 0 } = decided?.crossings ?? {};
  const unknown = decided?.unknown ?? 0;
  return [
    `${origin}: ${counted(size, 'entry', 'entries')}, root ${root.slice(0, 16)}…`,
    ...(resumedAt > 0 ? [`  the first ${resumedAt} were read before, and are still its first`] : []),
    ...(checkpoints > 0 ? [`  compared with ${counted(checkpoints, 'earlier checkpoint')}`] : []),
    `  ${counted(seals, 'message')} signed by who they name`,
    ...(decided
      ? [`  ${permit + refuse + hold} decided again: ${permit} permitted, ${refuse} refused, ${hold} held`]
      : []),
    ...(erased > 0 ? [`  ${erased} erased: only their leaf can be checked`] : []),
    ...reasons.map(({ reason, reference, entries }) => `    ${entries} for ${reason}: ${reference}`),
    ...(unknown > 0 ? [`  ${unknown} rest on what is erased: whether they were right is unknown`] : []),
    ...faultsFirst(faults).map(faultWords),
    ...countFaults(faults, 'nothing speaks against it').map((line) => `  ${line}`),
  ];
}

async function runReconcile(options: WitnessChoice & { readonly relayHours: number }): Promise<void> {
  const sources = chooseLogs(options);
  if (sources.length < 2) throw new UsageError('Two logs are needed at least: leave out --nation.');
  const asked: Awaited<ReturnType<typeof askWitnesses>>[] = [];
  for (const source of sources) asked.push(await askWitnesses(source, options));
  const relayMs = options.relayHours * HOUR_MS;
  const compared = await reconcile(sources, { relayMs, onProgress: showProgressOf(sources) });
  const logs: Reconciliation['logs'][number][] = [];
  for (const [at, log] of compared.logs.entries())
    logs.push({ ...log, faults: [...log.faults, ...((await asked[at]?.(log)) ?? [])] });
  const found = { ...compared, logs };
  print(options, found, () => reconciledWords(found));
  if (found.disagreements.length + found.logs.flatMap(({ faults }) => faults).length > 0)
    throw new AnswerIsNo();
}

function reconciledWords({ logs, directions, disagreements }: Reconciliation): string[] {
  const rows = directions.map(({ from, to, arrived, underWay, unknown, overtook }) => [
    ...[
      `${from} → ${to}`,
      `${arrived} arrived`,
      `${underWay} under way`,
      `${unknown} not to be compared (erased)`,
      `${overtook} in another order (no fault)`,
    ],
  ]);
  const faults = logs.flatMap((log) => log.faults.map((fault) => ({ nation: log.nation, ...fault })));
  const order = directions.flatMap(({ from, to, inOtherOrder }) =>
    inOtherOrder.map(({ left, arrived, after }) => ({ from, to, left, arrived, after })),
  );
  return [
    ...table(rows),
    ...order.map(
      ({ from, to, left, arrived, after }) =>
        `  order: ${from} entry ${left} arrived as ${to} entry ${arrived}, after entry ${after} that left later`,
    ),
    ...[...faults, ...disagreements].map(faultWords),
    faults.length + disagreements.length === 0 ? 'The logs agree.' : 'THE LOGS DO NOT AGREE.',
  ];
}
