import { resolve } from 'node:path';
import type { Command } from 'commander';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print, table } from '../print.js';
import { addPerson, HOME_OPTION, type HomeOptions, JSON_OPTION, type PersonOptions } from './options.js';

interface InboxOptions extends HomeOptions, PersonOptions {
  readonly member: string;
  readonly sent?: boolean;
}

export function addInbox(program: Command): void {
  addPerson(program.command('inbox'))
    .description(
      'What a member has received, newest first; with --sent, what it has sent and what became of it.',
    )
    .requiredOption('--member <id>', 'whose')
    .option('--sent', 'the outbox instead')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  entente inbox --member isp.fr --home .entente')
    .action(inbox);
}

async function inbox(options: InboxOptions): Promise<void> {
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  if (options.sent) {
    const sent = await client.messages();
    const rows = sent.messages.map((row) => [
      row.id,
      row.case_id,
      row.to,
      row.category,
      row.update || row.action,
      row.outcome || 'under way',
      row.reason,
    ]);
    print(options, sent, () =>
      table([['id', 'case', 'to', 'category', 'action', 'outcome', 'reason'], ...rows]),
    );
    return;
  }
  const received = await client.inbox();
  const rows = received.messages.map((row) => [
    row.received_at,
    row.case_id,
    row.from,
    row.category,
    row.update || row.action,
  ]);
  print(options, received, () => table([['received', 'case', 'from', 'category', 'action'], ...rows]));
}
