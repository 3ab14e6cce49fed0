import { resolve } from 'node:path';
import type { Command } from 'commander';
import { checkHolder } from '../network/check-folder.js';
import { edgeClient } from '../network/edge-client.js';
import {
  type HolderAnswer,
  type HoldOrder,
  holdAtEdge,
  holdAtFolder,
  holdAtNation,
} from '../network/hold-everywhere.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { type EdgeChoice, namedEdge } from './named-edge.js';
import { addSignoff, checkCaseId, checkResponsible, type SignoffOptions, signoffOf } from './options.js';

interface HoldOptions extends Omit<SignoffOptions, 'member'>, EdgeChoice {
  readonly member?: string;
  readonly nation?: string;
  readonly data?: string;
  readonly reason?: string;
  readonly end?: boolean;
}

export function addRetentionHold(retention: Command): void {
  const hold = retention
    .command('hold')
    .description(
      'Have all who hold something of one case keep it although its time is over: ledgers whose logs name it or whose gate has it in quarantine, with their gates, and edges; or end that.',
    )
    .argument('<case>', 'id of the case')
    .option('--nation <code>', 'only the ledger, the gate and the edges of this nation')
    .option('--member <id>', 'only the edge of this member')
    .option(
      '--data <dir>',
      'only the ledger with this DATA_DIR, or the gate with this QUARANTINE_DIR, on this machine',
    )
    .option('--edge <address>', 'only the edge at this address, https://, or http:// on this machine')
    .option('--edge-token <file>', "with --edge: file of its member's token")
    .option(
      '--reason <text>',
      'where the decision can be found, a file number; no name: it stands at the edges',
    )
    .option('--end', 'end the legal hold: what had to go meanwhile goes');
  addSignoff(hold)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention hold 8f14e45fceea167a5a36dedd4bea2543 --reason "court file 17/26" --proposed-by "unit 4" --home .entente\n\nIt says of each holder: laid, already there, holds nothing of it, or NOT REACHED; with --end: ended, or none there. It can be run again until all are reached: a hold that is there stays as it is.\n\nExit code 1: a holder was not reached, or nobody holds anything of the case, or with --end nobody had it on legal hold.',
    )
    .action(runHold);
}

async function runHold(caseId: string, options: HoldOptions): Promise<void> {
  const { reason = '', end = false } = options;
  if (!end) checkCaseId(caseId);
  const by = signoffOf(options);
  checkResponsible({ proposedBy: by.proposed_by, approvedBy: by.approved_by });
  const order = { caseId, begins: !end, reason, by };
  const holders = await answersOf(order, options);
  print(options, { case_id: caseId, holders }, () => holders.map(holderWords));
  const isDone = holders.some(({ state }) => !['nothing', 'none'].includes(state));
  if (!isDone || holders.some(({ state }) => state === 'not-reached')) throw new AnswerIsNo();
}

async function answersOf(order: HoldOrder, options: HoldOptions): Promise<HolderAnswer[]> {
  const { nation, member, data, edge, actor } = options;
  if ([nation, member, data, edge].filter((one) => one !== undefined).length > 1)
    throw new UsageError('Name one of --nation, --member, --data and --edge, or none for all.');
  const person = actor ? { actor } : {};
  const named = await namedEdge(options, person);
  if (data !== undefined) {
    checkHolder(resolve(data));
    return [{ holder: resolve(data), ...holdAtFolder(resolve(data), order) }];
  }
  if (order.begins && order.reason === '')
    throw new UsageError('Say where the decision can be found, with --reason.');
  if (named) return [await holdAtEdge(...named, order)];
  const home = readHome(resolve(options.home));
  if (member !== undefined) return [await holdAtEdge(member, edgeClient(home, member, person), order)];
  if (order.by.proposed_by === '')
    throw new UsageError('Name who wants it, with --proposed-by: it stands in the log of each nation.');
  const nations = home.nations.filter(({ code }) => nation === undefined || code === nation.toUpperCase());
  if (nations.length === 0) throw new UsageError(`There is no nation ${nation} in this network.`);
  const answers: HolderAnswer[] = [];
  for (const one of nations) {
    answers.push(...(await holdAtNation(home, one, order)));
    for (const { id } of one.members) answers.push(await holdAtEdge(id, edgeClient(home, id, person), order));
  }
  return answers;
}

const WORDS: Readonly<Record<HolderAnswer['state'], string>> = {
  laid: 'laid',
  already: 'already there',
  nothing: 'holds nothing of it',
  ended: 'ended',
  none: 'no legal hold there',
  'not-reached': 'NOT REACHED',
};

function holderWords({ holder, state, detail }: HolderAnswer): string {
  const more = detail === '' ? '' : `  ${detail}`;
  return `${holder}: ${WORDS[state]}${more}`;
}
