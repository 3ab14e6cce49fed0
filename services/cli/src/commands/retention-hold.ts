import { resolve } from 'node:path';
import type { Command } from 'commander';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { UsageError } from '../usage.js';
import { addSignoff, type SignoffOptions, signoffOf } from './options.js';

interface HoldOptions extends SignoffOptions {
  readonly reason?: string;
  readonly end?: boolean;
}

export function addRetentionHold(retention: Command): void {
  const hold = retention
    .command('hold')
    .description("Have a member's edge keep all of one case although its time is over; or end that.")
    .argument('<case>', 'id of the case')
    .requiredOption('--member <id>', 'whose edge')
    .option('--reason <text>', 'where the decision can be found, a file number; no name')
    .option('--end', 'end the legal hold: what had to go meanwhile goes');
  addSignoff(hold)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention hold 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --reason "court file 17/26" --home .entente\n\nExit code 1: the edge has no such case, or with --end no legal hold on it. The log of the nation has its own: legal-hold.json of its ledger.',
    )
    .action(runHold);
}

async function runHold(caseId: string, options: HoldOptions): Promise<void> {
  const { member, reason, end, actor } = options;
  const client = edgeClient(readHome(resolve(options.home)), member, actor ? { actor } : {});
  const signoff = signoffOf(options);
  if (end) {
    const ended = await client.endLegalHold(caseId, reason ? { reason, ...signoff } : signoff);
    return print(options, ended, () => [`${member}: the legal hold on the case ${caseId} has ended`]);
  }
  if (!reason) throw new UsageError('Say where the decision can be found, with --reason.');
  const hold = await client.beginLegalHold(caseId, { reason, ...signoff });
  print(options, hold, () => [
    `${member}: the case ${caseId} is under legal hold since ${hold.since}: ${hold.reason}`,
  ]);
}
