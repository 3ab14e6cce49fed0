import { resolve } from 'node:path';
import type { Command } from 'commander';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

export function addCase(program: Command): void {
  program
    .command('case')
    .description('All messages of one case as a member has them, with their content.')
    .argument('<id>', 'the id of the case, from "entente inbox"')
    .requiredOption('--member <id>', 'whose edge to ask')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente case 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --home .entente',
    )
    .action(showCase);
}

async function showCase(id: string, options: HomeOptions & { readonly member: string }): Promise<void> {
  const found = await edgeClient(readHome(resolve(options.home)), options.member).case(id);
  print(options, found, () => [
    `case ${found.case_id}`,
    ...found.received.flatMap((row) => [
      `received ${row.received_at} from ${row.from} (message ${row.id})`,
      indent(row.content),
    ]),
    ...found.sent.flatMap((row) => [
      `sent to ${row.to} (message ${row.id}): ${row.outcome || 'under way'} ${row.reason}`,
      indent(row.content),
    ]),
  ]);
}

function indent(content: unknown): string {
  return JSON.stringify(content, null, 2).replace(/^/gm, '  ');
}
