import { join, resolve } from 'node:path';
import { isOrderReason, isReference, ORDER_REASON } from '@entente/contract';
import type { Command } from 'commander';
import { type CaseEntry, readCase } from '../history/case-timeline.js';
import { chooseLogs, LOG_OPTIONS, type LogChoice, type LogSource, originOf } from '../history/log-source.js';
import { heldWords, type WaitingHold } from '../history/waiting-holds.js';
import { checkQuarantine } from '../network/check-folder.js';
import { orderDrop, quarantinedOf } from '../network/gate-quarantine.js';
import { paths, readHome } from '../network/home.js';
import { answersTo, answerWords, layOrder } from '../network/order-files.js';
import { counted, print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { checkResponsible, JSON_OPTION } from './options.js';

interface EraseOptions extends LogChoice {
  readonly reason: string;
  readonly reference: string;
  readonly wait: string;
  /** Of a gate that is not of --home. */
  readonly quarantine?: string;
  readonly proposedBy?: string;
  readonly approvedBy?: readonly string[];
  readonly alsoHeld?: boolean;
  readonly json?: boolean;
}

export function addRetentionErase(retention: Command): void {
  const erase = retention
    .command('erase')
    .description(
      'Order the ledger on this machine to erase what its log holds of one case, and its gate what it has in quarantine of it, wait for their answers, and say who else holds something of it.',
    )
    .argument('<case>', 'id of the case')
    .requiredOption('--reason <word>', ORDER_REASON.join(', '))
    .requiredOption('--reference <text>', 'where the decision can be found, a file number; no name')
    .option(
      '--proposed-by <unit>',
      'who wants it: a unit or a file number; it stands in the log for good; a gate drops nothing without',
    )
    .option('--approved-by <units...>', 'who agreed to it')
    .option('--quarantine <dir>', 'with --log: QUARANTINE_DIR of the gate, if that is on this machine')
    .option(
      '--also-held',
      'also where the gate of this nation holds a message of it: nobody can release that any more afterwards',
    )
    .option('--wait <seconds>', 'how long to wait for the answers', '30');
  for (const [flags, words] of LOG_OPTIONS) erase.option(flags, words);
  erase
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention erase 8f14e45fceea167a5a36dedd4bea2543 --reason order --reference "court file 17/26" --proposed-by "unit 4" --home .entente --nation DE\n\nLedger and gate carry it out within seconds, unless the case is under legal hold there: the file that this command names is then called ".done", else ".refused".\n\nExit code 0: it is done; 1: it was refused, or one of them has not answered yet and does it when it runs.',
    )
    .action(runErase);
}

/** @throws UsageError */
export function checkReason(reason: string): void {
  if (!isOrderReason(reason)) throw new UsageError(`"${reason}" is no reason: ${ORDER_REASON.join(', ')}.`);
}

/** @throws UsageError */
export function checkReference(reference: string): void {
  if (!isReference(reference))
    throw new UsageError('Where the decision can be found is said in up to 200 characters, on one line.');
}

/** @throws UsageError: a gate refuses an order that does not say it */
export function checkProposer(proposedBy: string): void {
  if (proposedBy === '')
    throw new UsageError(
      'Name who wants it, with --proposed-by: what goes from the quarantine of a gate is in the log of its nation with that.',
    );
}

/** So many entries may one order name; a longer case takes several. */
const MOST_INDICES = 256;

async function runErase(caseId: string, options: EraseOptions): Promise<void> {
  const { reason, reference, wait, proposedBy = '', approvedBy = [] } = options;
  checkResponsible({ proposedBy, approvedBy });
  checkReason(reason);
  checkReference(reference);
  const sources = chooseLogs(options);
  const nation = sources[0]?.nation ?? '';
  if (sources.some((source) => source.nation !== nation))
    throw new UsageError('Name one nation with --nation.');
  const { entries: known, holds } = await readCase(sources, caseId);
  const folder = quarantineOf(options, nation);
  const quarantined = folder ? quarantinedOf(folder, caseId) : [];
  // What one seal says of several cases names this one's messages by random ids, and stays for the others until its own time is over,
  // which the answer says.
  const entries = known.filter(({ isShared }) => !isShared);
  const shared = known.length - entries.length;
  if (known.length + quarantined.length === 0)
    throw new UsageError(`The logs of ${nation} hold nothing of the case ${caseId} any more, or never did.`);
  if (entries.length + quarantined.length === 0)
    throw new UsageError(`There is nothing to order for ${caseId}. ${sharedWords(nation, shared)}`);
  if (quarantined.length > 0) checkProposer(proposedBy);
  if (holds.length > 0 && !options.alsoHeld) throw new UsageError(heldHereWords(holds));
  // What cannot be read elsewhere ends this before anything is ordered, and not after.
  const elsewhere = await findElsewhere(options, nation, caseId, known);
  const ledgerFiles = sources.flatMap((source, at) => {
    const indices = entries.filter(({ origin }) => origin === originOf(source)).map(({ index }) => index);
    return writeOrders(source, `${caseId}${at === 0 ? '' : `-log${at}`}`, {
      ...{ indices, reason, reference },
      ...{ proposed_by: proposedBy, approved_by: approvedBy },
    });
  });
  const order = { reason, reference, signoff: { proposedBy, approvedBy } };
  const gateFiles = folder && quarantined.length > 0 ? [orderDrop(folder, { case: caseId }, order)] : [];
  const files = [...ledgerFiles, ...gateFiles];
  const answers = await answersTo(files, Number(wait) * 1000);
  const told = {
    entries: entries.length,
    shared,
    quarantined: quarantined.length,
    files,
    answers,
    held: holds,
    elsewhere,
  };
  print(options, told, () => [
    ...(ledgerFiles.length === 0
      ? []
      : [`The ledger of ${nation} is asked to erase ${counted(entries.length, 'entry', 'entries')}:`]),
    ...ledgerFiles.map((file, at) => `  ${answerWords(answers[at], file, 'ledger')}`),
    ...gateFiles.flatMap((file) => [
      `The gate of ${nation} is asked to drop ${counted(quarantined.length, 'message')} from its quarantine:`,
      `  ${answerWords(answers.at(-1), file, 'gate')}`,
    ]),
    ...(shared === 0 ? [] : [sharedWords(nation, shared)]),
    ...holds.map((hold) => `${heldWords(hold)}. Nobody can release it any more.`),
    ...elsewhereWords(elsewhere, caseId),
  ]);
  if (answers.some((answer) => answer !== 'done')) throw new AnswerIsNo();
}

/** Undefined: it is not said where, and not on this machine. */
function quarantineOf({ home, log, logs, quarantine }: EraseOptions, nation: string): string | undefined {
  if (quarantine !== undefined) {
    checkQuarantine(resolve(quarantine));
    return resolve(quarantine);
  }
  return log === undefined && logs === undefined
    ? paths.quarantine(resolve(home ?? '.entente'), nation)
    : undefined;
}

/** What no order for one case takes: its other cases have a right to it. */
function sharedWords(nation: string, shared: number): string {
  const stays = counted(shared, 'shared entry stays', 'shared entries stay');
  return `${stays} in the log of ${nation} until its days are over (RETENTION_DAYS): evidence whose one seal speaks of other cases as well, and names the messages of this one by random ids and hashes.`;
}

/** The other way round it cannot be mended: an order that is carried out does not come back. */
function heldHereWords(holds: readonly WaitingHold[]): string {
  return [
    'Nothing was ordered, as a message of this case still waits for its release:',
    ...holds.map((hold) => `${heldWords(hold)}. ${refuseWords(hold)}`),
    'Once its entry is erased nobody can release or refuse it, its sender reads "expired", and its encrypted copy stays at the gate until it is too old.',
    'Have it refused first, or let its time end, and order the erasure then; or order it now with --also-held.',
  ].join('\n');
}

function refuseWords({ messageHash, awaits }: WaitingHold): string {
  return `Who may release it refuses it with: entente refuse ${messageHash} --member <of ${awaits.join(', ')}>`;
}

interface Elsewhere {
  readonly logs: readonly {
    readonly nation: string;
    readonly entries: number;
    readonly shared: number;
    /** In the quarantine of its gate. */
    readonly quarantined: number;
  }[];
  readonly members: readonly string[];
  /** At the gates of others: what is released there goes on to its recipient, whatever was erased here. */
  readonly held: readonly WaitingHold[];
}

/** Of a network on this machine: who else holds something of the case. Each decides for itself. */
async function findElsewhere(
  { home, log, logs }: EraseOptions,
  nation: string,
  caseId: string,
  known: readonly CaseEntry[],
): Promise<Elsewhere> {
  if (log !== undefined || logs !== undefined) return { logs: [], members: [], held: [] };
  const others = chooseLogs(home === undefined ? {} : { home }).filter((source) => source.nation !== nation);
  const { entries: there, holds: held } = await readCase(others, caseId);
  const { dir, nations: atHome } = readHome(resolve(home ?? '.entente'));
  const quarantined = new Map(
    atHome
      .filter(({ code }) => code !== nation)
      .map(({ code }) => [code, quarantinedOf(paths.quarantine(dir, code), caseId).length]),
  );
  const nations = atHome
    .map(({ code }) => code)
    .filter((code) => quarantined.get(code) || there.some((entry) => entry.nation === code));
  const all = atHome.flatMap(({ members }) => members);
  const ends = new Set([...known, ...there].flatMap(({ from, to }) => [from, to]));
  return {
    logs: nations.map((code) => {
      const ofIt = there.filter((one) => one.nation === code);
      const shared = ofIt.filter(({ isShared }) => isShared).length;
      const entries = ofIt.length - shared;
      return { nation: code, entries, shared, quarantined: quarantined.get(code) ?? 0 };
    }),
    members: all.map(({ id }) => id).filter((id) => ends.has(id)),
    held,
  };
}

function elsewhereWords({ logs, members, held }: Elsewhere, caseId: string): string[] {
  return [
    ...held.map(
      (hold) =>
        `${heldWords(hold)}: once it is released there it is delivered, whatever was erased here. ${refuseWords(hold)}`,
    ),
    ...logs.flatMap(({ nation, entries, shared, quarantined }) => [
      ...(entries + quarantined === 0 ? [] : [orderWords(nation, entries, quarantined, caseId)]),
      ...(shared === 0 ? [] : [sharedWords(nation, shared)]),
    ]),
    ...members.map(
      (member) =>
        `The edge of ${member} may keep contents; they are erased there with: entente retention erase-case ${caseId} --member ${member}`,
    ),
  ];
}

function orderWords(nation: string, entries: number, quarantined: number, caseId: string): string {
  const inQuarantine = quarantined === 0 ? '' : `, its gate ${counted(quarantined, 'message')} in quarantine`;
  return `The log of ${nation} has ${counted(entries, 'entry', 'entries')} of this case${inQuarantine}, for which the same is ordered with: entente retention erase ${caseId} --nation ${nation}`;
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
    layOrder(file, { indices: some, ...rest, origin: originOf(source) });
    files.push(file);
  }
  return files;
}
