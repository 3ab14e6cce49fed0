import { join, resolve } from 'node:path';
import { parseCheckpoint, parseNote } from '@entente/audit';
import type { Command } from 'commander';
import { faultWords } from '../history/faults-of-logs.js';
import { type LedgerLog, lastCheckpoint } from '../history/ledger-logs.js';
import { type Retained, readLogSettings } from '../history/log-settings.js';
import { chooseLogs, LOG_OPTIONS, type LogChoice, type LogSource, originOf } from '../history/log-source.js';
import { type ErasurePlan, planErasure } from '../history/plan-erasure.js';
import { showProgress } from '../history/progress.js';
import { EdgeRefusal } from '../network/ask-edge.js';
import { type EdgeClient, edgeClient } from '../network/edge-client.js';
import { askGate, type GatePlan } from '../network/gate-retention.js';
import { readHome } from '../network/home.js';
import type { LeavingView, RetentionView } from '../network/retention-view.js';
import { counted, print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { type EdgeChoice, namedEdge } from './named-edge.js';
import { addPerson, daysIn, JSON_OPTION, type PersonOptions } from './options.js';

interface PlanOptions extends LogChoice, Partial<Retained>, EdgeChoice, PersonOptions {
  readonly member?: string;
  readonly json?: boolean;
}

export function addRetentionPlan(retention: Command): void {
  const plan = retention
    .command('plan')
    .description('Say what will go from logs and edges, and when, before it goes; and what legal holds stop.')
    .option('--days <n>', 'as if RETENTION_DAYS of the ledger were this; else as its log says', daysIn)
    .option('--log-days <n>', 'as if LOG_RETENTION_DAYS were this; else as its log says', daysIn)
    .option('--member <id>', 'of --home: the edge of this member alone')
    .option('--edge <address>', 'an edge that is not of --home: https://, or http:// on this machine')
    .option('--edge-token <file>', "with --edge: file of its member's token");
  for (const [flags, words] of LOG_OPTIONS) plan.option(flags, words);
  addPerson(plan)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention plan --home .entente --nation DE\n\nOf a network on this machine the logs, the gates where they have something in quarantine, and the edges of all members, or those of one nation; of --log and --logs the logs, of --edge that edge. Each question to an edge is in its log of accesses, with --actor and --justification.\n\nExit code 1: a log has faults, so that more may be gone than its entries say; or an edge or a gate does not answer.',
    )
    .action(runPlan);
}

async function runPlan(options: PlanOptions): Promise<void> {
  const { member, edge, home, nation, log, logs } = options;
  if (member !== undefined && [nation, log, logs].some((one) => one !== undefined))
    throw new UsageError('A member stands alone with --home: leave out --nation, --log and --logs.');
  const isOfEdgeAlone = edge !== undefined && [home, nation, log, logs].every((one) => one === undefined);
  const sources = isOfEdgeAlone || member !== undefined ? [] : chooseLogs(options);
  const plans = await planLogs(sources, options);
  const deleted = sources
    .filter((source, at) => sources.findIndex((other) => other.nation === source.nation) === at)
    .flatMap(({ nation: code, logs: all = [] }) => all.flatMap((one) => deletedOf(code, one)));
  const edges: EdgePlan[] = [];
  for (const [member, client] of await chooseEdges(options, isOfEdgeAlone))
    edges.push(await askPlan(member, client));
  const gates = await askGates(options, sources);
  print(options, { plans, deleted, gates, edges }, () => [
    ...plans.flatMap(planWords),
    ...deleted.map(
      ({ nation: code, origin, size, counts }) =>
        `${code}: ${origin} is deleted whole; of its ${size} entries the counts are left: ${counts}`,
    ),
    ...gates.flatMap(gateWords),
    ...edges.flatMap(edgeWords),
  ]);
  const isWrong =
    plans.some(({ faults }) => faults.length > 0) || [...gates, ...edges].some((one) => 'problem' in one);
  if (isWrong) throw new AnswerIsNo();
}

/** Each log with the days that its ledger runs with: those of a log that has ended as well are those of now. */
async function planLogs(sources: readonly LogSource[], options: PlanOptions): Promise<ErasurePlan[]> {
  const { origin: _one, ...choice } = options;
  const all = sources.length > 0 ? chooseLogs(choice) : [];
  const plans: ErasurePlan[] = [];
  for (const nation of new Set(sources.map((source) => source.nation))) {
    const ofNation = all.filter((source) => source.nation === nation);
    const said = await readLogSettings(ofNation, showProgress(nation));
    const recordDays = options.days ?? said?.retained?.days;
    const logDays = options.logDays ?? said?.retained?.logDays;
    if (recordDays === undefined || logDays === undefined)
      throw new UsageError(
        `No log of ${nation} says how long its ledger keeps it, among ${ofNation.map(originOf).join(', ')}: name --days and --log-days.`,
      );
    for (const source of sources.filter((one) => one.nation === nation))
      plans.push(
        await planErasure(
          source,
          { days: recordDays, logDays },
          said?.held ?? new Set(),
          showProgress(nation),
        ),
      );
  }
  return plans;
}

/** Of a network on this machine. */
async function askGates(
  { home, log, logs }: PlanOptions,
  sources: readonly LogSource[],
): Promise<GatePlan[]> {
  if (log !== undefined || logs !== undefined || sources.length === 0) return [];
  const known = readHome(resolve(home ?? '.entente'));
  const nations = [...new Set(sources.map(({ nation }) => nation))];
  return await Promise.all(nations.map(async (nation) => await askGate(known, nation)));
}

function gateWords(plan: GatePlan): string[] {
  if ('problem' in plan) return [`gate of ${plan.nation}: NOT REACHED: ${plan.problem}`];
  const { nation, quarantine_days: quarantineDays, months, held } = plan;
  if (months.length === 0 && held === 0) return [];
  return [
    `gate of ${nation}: what is in quarantine stays ${quarantineDays} days after it has expired, ${held} under legal hold`,
    ...months.map(({ month, quarantined }) => `  ${month}  ${counted(quarantined, 'message')}`),
  ];
}

type EdgePlan = RetentionView | { readonly member: string; readonly problem: string };

async function chooseEdges(
  options: PlanOptions,
  isOfEdgeAlone: boolean,
): Promise<(readonly [member: string, client: EdgeClient])[]> {
  const { home, nation, member, log, logs } = options;
  const edge = await namedEdge(options, options);
  const named = edge ? [edge] : [];
  if ((isOfEdgeAlone && member === undefined) || log !== undefined || logs !== undefined) return named;
  const known = readHome(resolve(home ?? '.entente'));
  const nations = known.nations.filter(({ code }) => nation === undefined || code === nation.toUpperCase());
  const members = member ? [member] : nations.flatMap((one) => one.members.map(({ id }) => id));
  return [...members.map((id) => [id, edgeClient(known, id, options)] as const), ...named];
}

async function askPlan(member: string, client: EdgeClient): Promise<EdgePlan> {
  try {
    const plan = await client.retention();
    const isPlan = [plan.months, plan.held].every(Array.isArray);
    return isPlan ? plan : { member, problem: 'What answers there is no edge, or one that is older.' };
  } catch (error) {
    if (error instanceof EdgeRefusal) return { member, problem: error.message };
    throw error;
  }
}

function deletedOf(nation: string, log: LedgerLog) {
  const { origin, remains } = log;
  if (remains === null) return [];
  const checkpoint = lastCheckpoint(log);
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  return [{ nation, origin, size, checkpoint, counts: join(remains, 'counts.json') }];
}

function planWords(plan: ErasurePlan): string[] {
  const { nation, origin, months, held, erased, goesWhole, faults } = plan;
  return [
    `${nation}: ${erased} erased already, ${held} under legal hold  (${origin}; records stay ${plan.days} days, a log that has ended ${plan.logDays})`,
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

function edgeWords(plan: EdgePlan): string[] {
  const { member } = plan;
  if ('problem' in plan) return [`${member}: NOT REACHED: ${plan.problem}`];
  const { proof_days: proofDays, access_days: accessDays, months, held, waiting } = plan;
  return [
    `${member}: each content stays as long as its referral says, what proves it ${proofDays} days more, an access ${accessDays} days`,
    ...months.map(({ month, ...leaving }) => `  ${month}  ${leavingWords(leaving).join(', ')}`),
    ...(waiting === 0 ? [] : [`  ${counted(waiting, 'message')} without an outcome yet: not before that`]),
    ...held.map(
      ({ case_id: caseId, reason, since, ...stopped }) =>
        `  under legal hold since ${since}: case ${caseId} (${reason}), which keeps ${leavingWords(stopped).join(', ') || 'nothing yet'}`,
    ),
  ];
}

function leavingWords(leaving: Partial<LeavingView>): string[] {
  const { contents, proofs, cases, inspected, quarantined, accesses } = leaving;
  const all = [
    [contents, 'content'],
    [proofs, 'proof'],
    [cases, 'whole case'],
    [inspected, 'content shown to an auditor', 'contents shown to an auditor'],
    [quarantined, 'message in quarantine', 'messages in quarantine'],
    [accesses, 'access', 'accesses'],
  ] as const;
  return all.flatMap(([count, one, more]) => (count ? [counted(count, one, more)] : []));
}
