import { resolve } from 'node:path';
import { ORDER_REASON } from '@entente/contract';
import type { Command } from 'commander';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { counted, print } from '../print.js';
import { addSignoff, type SignoffOptions, signoffOf } from './options.js';
import { addRetentionErase, checkReason, checkReference } from './retention-erase.js';
import { addRetentionHold } from './retention-hold.js';
import { addRetentionPlan } from './retention-plan.js';

export function addRetention(program: Command): void {
  const retention = program
    .command('retention')
    .description('What logs and edges keep, and what they forget.');
  addRetentionPlan(retention);
  addRetentionErase(retention);
  const eraseCase = retention
    .command('erase-case')
    .description("Have a member's edge erase contents and proofs of one case now, on a lawful request.")
    .argument('<case>', 'id of the case')
    .requiredOption('--member <id>', 'whose edge')
    .requiredOption('--reason <word>', ORDER_REASON.join(', '))
    .requiredOption('--reference <text>', 'where the decision can be found, a file number; no name');
  addSignoff(eraseCase)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention erase-case 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --reason request --reference "request 12/26" --home .entente\n\nExit code 1: the edge has no such case, or a legal hold keeps it.',
    )
    .action(runEraseCase);
  addRetentionHold(retention);
}

interface EraseCaseOptions extends SignoffOptions {
  readonly reason: string;
  readonly reference: string;
}

async function runEraseCase(caseId: string, options: EraseCaseOptions): Promise<void> {
  const { member, reason, reference, actor } = options;
  checkReason(reason);
  checkReference(reference);
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
