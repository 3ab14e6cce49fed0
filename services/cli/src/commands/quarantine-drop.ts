import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ORDER_REASON } from '@entente/contract';
import { openQuarantine } from '@entente/runtime';
import type { Command } from 'commander';
import { EdgeRefusal } from '../network/ask-edge.js';
import { type EdgeClient, edgeClient } from '../network/edge-client.js';
import { orderDrop, quarantinedOf } from '../network/gate-quarantine.js';
import { readHome } from '../network/home.js';
import { answersTo, answerWords } from '../network/order-files.js';
import { counted, print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { type EdgeChoice, namedEdge } from './named-edge.js';
import { addSignoff, checkResponsible, type SignoffOptions, signoffOf } from './options.js';
import { addFolder, folderOf, type QuarantineChoice } from './quarantine-folder.js';
import { checkProposer, checkReason, checkReference } from './retention-erase.js';

interface DropOptions extends QuarantineChoice, EdgeChoice, Omit<SignoffOptions, 'member'> {
  readonly case?: string;
  readonly reason: string;
  readonly reference: string;
  readonly wait: string;
}

export function addQuarantineDrop(quarantine: Command): void {
  const drop = quarantine
    .command('drop')
    .description(
      'Have the service delete a message for good; its log says who wanted it and why. Of a gate also all messages of a case.',
    )
    .argument('[id]', 'from "entente quarantine list"')
    .option(
      '--case <case>',
      'instead of the id: all that a gate has of this case, by what they say of themselves',
    )
    .requiredOption('--reason <word>', ORDER_REASON.join(', '))
    .requiredOption('--reference <text>', 'where the decision can be found, a file number; no name')
    .option('--edge <address>', 'the edge at this address, https://, or http:// on this machine')
    .option('--edge-token <file>', "with --edge: file of its member's token")
    .option('--wait <seconds>', 'how long to wait for the answer of a gate', '30');
  addSignoff(addFolder(drop))
    .addHelpText(
      'after',
      '\nExample:\n  entente quarantine drop 8f14e45fceea167a5a36dedd4bea2543 --nation DE --reason mistake --reference "ticket 12/26" --proposed-by "unit 4" --home .entente\n\nAt a gate it is an order that is laid into its folder, and done within seconds with an entry of the log of its nation for each message; at an edge an entry of its log of accesses. A legal hold on the case stops it.\n\nExit code 1: there is no such message, a legal hold keeps it, or the gate has not answered yet and does it when it runs.',
    )
    .action(runDrop);
}

async function runDrop(id: string | undefined, options: DropOptions): Promise<void> {
  const { reason, reference, member, actor } = options;
  checkReason(reason);
  checkReference(reference);
  const by = signoffOf(options);
  checkResponsible({ proposedBy: by.proposed_by, approvedBy: by.approved_by });
  if ((id === undefined) === (options.case === undefined))
    throw new UsageError('Name a message, or a case with --case.');
  checkPlace(options);
  const person = actor ? { actor } : {};
  const named = await namedEdge(options, person);
  if (!named && member === undefined) return await dropAtGate(id, options);
  if (id === undefined)
    throw new UsageError(
      'An edge drops what it has of a case with all else of it: entente retention erase-case.',
    );
  const client = named?.[1] ?? edgeClient(readHome(resolve(options.home)), member ?? '', person);
  await dropAtEdge(id, client, options);
}

/** @throws UsageError: of two places one would be passed over, perhaps the one that was meant */
function checkPlace({ folder, nation, member, edge }: DropOptions): void {
  if ([folder, nation, member, edge].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('Name one of --folder, --nation, --member and --edge.');
}

async function dropAtEdge(id: string, client: EdgeClient, options: DropOptions): Promise<void> {
  const { reason, reference } = options;
  const dropped = await client
    .dropQuarantined(id, { reason, reference, ...signoffOf(options) })
    .then(() => true)
    .catch((error: unknown) => {
      if (error instanceof EdgeRefusal && error.code === 'not-in-quarantine') return false;
      throw error;
    });
  print(options, { id, dropped }, () => [dropped ? `${id} is deleted.` : notThere(id)]);
  if (!dropped) throw new AnswerIsNo();
}

async function dropAtGate(id: string | undefined, options: DropOptions): Promise<void> {
  const { reason, reference, proposedBy = '', approvedBy = [] } = options;
  const folder = folderOf(options);
  // The edge would not look there.
  if (existsSync(join(folder, '..', 'edge.sqlite')))
    throw new UsageError('This is the folder of an edge: name it with --member, or --edge and --edge-token.');
  checkProposer(proposedBy);
  const ids = namedIn(folder, id, options.case);
  if (ids.length === 0) {
    print(options, { messages: ids, answer: null }, () => [notThere(id ?? `message of ${options.case}`)]);
    throw new AnswerIsNo();
  }
  const what = options.case === undefined ? { messages: ids } : { case: options.case };
  const file = orderDrop(folder, what, { reason, reference, signoff: { proposedBy, approvedBy } });
  const [answer] = await answersTo([file], Number(options.wait) * 1000);
  print(options, { messages: ids, file, answer }, () => [
    `The gate is asked to drop ${counted(ids.length, 'message')}:`,
    `  ${answerWords(answer, file, 'gate')}`,
  ]);
  if (answer !== 'done') throw new AnswerIsNo();
}

function namedIn(folder: string, id: string | undefined, caseId: string | undefined): string[] {
  if (caseId !== undefined) return quarantinedOf(folder, caseId);
  return openQuarantine(folder)
    .list()
    .map((message) => message.id)
    .filter((one) => one === id);
}

const notThere = (what: string): string => `There is no ${what} in quarantine.`;
