import { resolve } from 'node:path';
import type { Command } from 'commander';
import { edgeClient } from '../network/edge-client.js';
import { holdInLog } from '../network/hold-in-log.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { UsageError } from '../usage.js';
import { ledgerPlaces } from './ledger-places.js';
import { addSignoff, type SignoffOptions, signoffOf } from './options.js';

interface HoldOptions extends Omit<SignoffOptions, 'member'> {
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
      "Have a member's edge, or the log of a nation, keep all of one case although its time is over; or end that.",
    )
    .argument('<case>', 'id of the case')
    .option('--member <id>', 'whose edge')
    .option('--nation <code>', 'instead: whose log; its ledger is on this machine')
    .option('--data <dir>', "instead: the ledger's DATA_DIR")
    .option('--reason <text>', 'of an edge: where the decision can be found, a file number; no name')
    .option('--end', 'end the legal hold: what had to go meanwhile goes');
  addSignoff(hold)
    .addHelpText(
      'after',
      '\nExample:\n  entente retention hold 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --reason "court file 17/26" --home .entente\n\nExit code 1: the edge has no such case, or with --end no legal hold on it. Each holder decides for itself: name each edge, and each log with --nation, where --proposed-by has the file number; it is written to legal-hold.json of the ledger.',
    )
    .action(runHold);
}

async function runHold(caseId: string, options: HoldOptions): Promise<void> {
  const { member, nation, data, reason, end, actor } = options;
  if ([member, nation, data].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('Name one of --member, --nation and --data.');
  if (member === undefined) return holdLog(caseId, options);
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

function holdLog(caseId: string, options: HoldOptions): void {
  if (options.reason !== undefined)
    throw new UsageError('A log names the file number in --proposed-by; it has no --reason.');
  const { dataDir } = ledgerPlaces(options);
  const cases = holdInLog(dataDir, caseId, options.end !== true, signoffOf(options));
  print(options, { ledger: dataDir, cases }, () => [
    `The case ${caseId} is under ${options.end ? 'no legal hold' : 'legal hold'} in the log of ${options.nation ?? dataDir}, as soon as its ledger runs.`,
    `Under legal hold there: ${cases.join(', ') || 'nothing'}`,
  ]);
}
