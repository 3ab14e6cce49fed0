import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ERASURE_REASON } from '@entente/contract';
import { writeWhole } from '@entente/runtime';
import type { Command } from 'commander';
import { type CaseEntry, readCase } from '../history/case-timeline.js';
import { chooseLogs, LOG_OPTIONS, type LogChoice, type LogSource, originOf } from '../history/log-source.js';
import { readHome } from '../network/home.js';
import { counted, print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { checkResponsible, JSON_OPTION } from './options.js';

interface EraseOptions extends LogChoice {
  readonly reason: string;
  readonly reference: string;
  readonly wait: string;
  readonly proposedBy?: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
}

export function addRetentionErase(retention: Command): void {
  const erase = retention
    .command('erase')
    .description(
      'Order the ledger on this machine to erase what its log holds of one case, wait for its answer, and say who else holds something of it.',
    )
    .argument('<case>', 'id of the case')
    .requiredOption('--reason <word>', ERASURE_REASON.join(', '))
    .requiredOption('--reference <text>', 'where the decision can be found, a file number; no name')
    .option('--proposed-by <unit>', 'who wants it: a unit or a file number; it stands in the log for good')
    .option('--approved-by <units...>', 'who agreed to it')
    .option('--wait <seconds>', 'how long to wait for its answer', '30');
  for (const [flags, words] of LOG_OPTIONS) erase.option(flags, words);
  erase
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention erase 8f14e45fceea167a5a36dedd4bea2543 --reason order --reference "court file 17/26" --home .entente --nation DE\n\nThe ledger carries it out within seconds, unless the case is under legal hold: the file that this command names is then called ".done", else ".refused".\n\nExit code 0: it is done; 1: it was refused, or the ledger has not answered yet and does it when it runs.',
    )
    .action(runErase);
}

/** By the edges of members: that the time is over they know themselves. */
export const BY_ORDER = ERASURE_REASON.filter((word) => word !== 'time-over');

/** @throws UsageError */
export function checkReason(reason: string, known: readonly string[]): void {
  if (!known.includes(reason)) throw new UsageError(`"${reason}" is no reason: ${known.join(', ')}.`);
}

/** So many entries may one order name; a longer case takes several. */
const MOST_INDICES = 256;

async function runErase(caseId: string, options: EraseOptions): Promise<void> {
  const { reason, reference, wait, proposedBy = '', approvedBy = [] } = options;
  checkResponsible({ proposedBy, approvedBy });
  checkReason(reason, ERASURE_REASON);
  const sources = chooseLogs(options);
  const nation = sources[0]?.nation ?? '';
  if (sources.some((source) => source.nation !== nation))
    throw new UsageError('Name one nation with --nation.');
  const { entries: known } = await readCase(sources, caseId);
  // What one seal says of several cases names this one's messages by random ids, and stays for the others until its own time is over,
  // which the answer says.
  const entries = known.filter(({ isShared }) => !isShared);
  const shared = known.length - entries.length;
  if (known.length === 0)
    throw new UsageError(`The logs of ${nation} hold nothing of the case ${caseId} any more, or never did.`);
  if (entries.length === 0)
    throw new UsageError(`There is nothing to order for ${caseId}. ${sharedWords(nation, shared)}`);
  const files = sources.flatMap((source, at) => {
    const indices = entries.filter(({ origin }) => origin === originOf(source)).map(({ index }) => index);
    return writeOrders(source, `${caseId}${at === 0 ? '' : `-log${at}`}`, {
      ...{ indices, reason, reference },
      ...{ proposed_by: proposedBy, approved_by: approvedBy },
    });
  });
  const elsewhere = await findElsewhere(options, nation, caseId, known);
  const answers = await answersTo(files, Number(wait) * 1000);
  print(options, { entries: entries.length, shared, files, answers, elsewhere }, () => [
    `The ledger of ${nation} is asked to erase ${counted(entries.length, 'entry', 'entries')}:`,
    ...files.map((file, at) => `  ${answerWords(answers[at], file)}`),
    ...(shared === 0 ? [] : [sharedWords(nation, shared)]),
    ...elsewhereWords(elsewhere, caseId),
  ]);
  if (answers.some((answer) => answer !== 'done')) throw new AnswerIsNo();
}

/** What no order for one case takes: its other cases have a right to it. */
function sharedWords(nation: string, shared: number): string {
  const stays = counted(shared, 'shared entry stays', 'shared entries stay');
  return `${stays} in the log of ${nation} until its days are over (RETENTION_DAYS): evidence whose one seal speaks of other cases as well, and names the messages of this one by random ids and hashes.`;
}

const ANSWERS = ['done', 'refused'] as const;
type Answer = (typeof ANSWERS)[number] | 'waiting';

/** The ledger keeps each order under a name that says what became of it. */
async function answersTo(files: readonly string[], withinMs: number): Promise<Answer[]> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const answers = files.map(answerTo);
    if (!answers.includes('waiting') || Date.now() >= untilMs) return answers;
    await delay(100);
  }
}

function answerTo(file: string): Answer {
  return ANSWERS.find((word) => existsSync(`${file}.${word}`)) ?? 'waiting';
}

function answerWords(answer: Answer | undefined, file: string): string {
  if (answer === 'done') return `done: ${file}.done`;
  if (answer === 'refused') return `REFUSED, and the log of the ledger says why: ${file}.refused`;
  return `no answer yet; it is done when the ledger runs, and the file then ends in ".done" or ".refused": ${file}`;
}

interface Elsewhere {
  readonly logs: readonly { readonly nation: string; readonly entries: number; readonly shared: number }[];
  readonly members: readonly string[];
}

/** Of a network on this machine: who else holds something of the case. Each decides for itself. */
async function findElsewhere(
  { home, log, logs }: EraseOptions,
  nation: string,
  caseId: string,
  known: readonly CaseEntry[],
): Promise<Elsewhere> {
  if (log !== undefined || logs !== undefined) return { logs: [], members: [] };
  const others = chooseLogs(home === undefined ? {} : { home }).filter((source) => source.nation !== nation);
  const { entries: there } = await readCase(others, caseId);
  const nations = [...new Set(there.map((entry) => entry.nation))];
  const all = readHome(resolve(home ?? '.entente')).nations.flatMap(({ members }) => members);
  const ends = new Set([...known, ...there].flatMap(({ from, to }) => [from, to]));
  return {
    logs: nations.map((code) => {
      const ofIt = there.filter((one) => one.nation === code);
      const shared = ofIt.filter(({ isShared }) => isShared).length;
      return { nation: code, entries: ofIt.length - shared, shared };
    }),
    members: all.map(({ id }) => id).filter((id) => ends.has(id)),
  };
}

function elsewhereWords({ logs, members }: Elsewhere, caseId: string): string[] {
  return [
    ...logs.flatMap(({ nation, entries, shared }) => [
      ...(entries === 0 ? [] : [orderWords(nation, entries, caseId)]),
      ...(shared === 0 ? [] : [sharedWords(nation, shared)]),
    ]),
    ...members.map(
      (member) =>
        `The edge of ${member} may keep contents; they are erased there with: entente retention erase-case ${caseId} --member ${member}`,
    ),
  ];
}

function orderWords(nation: string, entries: number, caseId: string): string {
  return `The log of ${nation} has ${counted(entries, 'entry', 'entries')} of this case, for which the same is ordered with: entente retention erase ${caseId} --nation ${nation}`;
}

interface Order {
  readonly indices: readonly number[];
  readonly reason: string;
  readonly reference: string;
  readonly proposed_by: string;
  readonly approved_by: readonly string[];
}

function writeOrders(source: LogSource, name: string, { indices, ...rest }: Order): string[] {
  if (source.remote)
    throw new UsageError("An order is laid into the ledger's folder: name that with --home.");
  const folder = join(source.dataDir ?? source.dir, 'erase');
  const files: string[] = [];
  for (let at = 0; at < indices.length; at += MOST_INDICES) {
    const file = join(folder, `${name}-${at}.json`);
    const some = indices.slice(at, at + MOST_INDICES);
    const order = JSON.stringify({ indices: some, ...rest, origin: originOf(source) });
    // What an earlier order of this case has left would be taken for the answer to this one.
    for (const answer of ANSWERS) rmSync(`${file}.${answer}`, { force: true });
    // Under its name only once it is whole: the ledger may be looking.
    writeWhole(file, order, { mode: 0o644, folderMode: 0o755 });
    files.push(file);
  }
  return files;
}
