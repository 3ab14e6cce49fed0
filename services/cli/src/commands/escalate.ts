import { resolve } from 'node:path';
import type { Command } from 'commander';
import { outcomeOf } from '../demo/send-reports.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { readJsonObject } from '../read-json.js';
import { AnswerIsNo } from '../usage.js';
import { ACTOR_WORDS, HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

interface EscalateOptions extends HomeOptions {
  readonly member: string;
  readonly to: string;
  readonly toRole: string;
  readonly necessity: string;
  readonly message?: string;
  readonly with?: string;
  readonly actor?: string;
  readonly wait: string;
}

export function addEscalate(program: Command): void {
  program
    .command('escalate')
    .description(
      'Refer to an authority, to be assessed, what was sent and nobody has acted on; its recipient learns to which kind of authority.',
    )
    .argument('<case>', 'the id of the case')
    .requiredOption('--member <id>', 'who has sent it')
    .requiredOption('--to <id>', 'to which authority')
    .option('--to-role <role>', 'in which role: police, prosecutor, regulator …', 'police')
    .requiredOption('--necessity <words>', 'why this authority needs it')
    .option('--message <id>', 'which referral, where the case has several')
    .option('--with <file>', 'changes of the content, as JSON')
    .option('--actor <name>', ACTOR_WORDS)
    .option('--wait <seconds>', 'how long to wait for its outcome', '30')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente escalate 8f14e45fceea167a5a36dedd4bea2543 --to ministry.de --necessity "The host has not answered seven notices." --member hotline.de --home .entente\n\nExit code 0: delivered; 1: not possible, returned to sender, or no outcome yet.',
    )
    .action(escalate);
}

async function escalate(caseId: string, options: EscalateOptions): Promise<void> {
  const { to, toRole, necessity, message: inReplyTo, actor } = options;
  const client = edgeClient(readHome(resolve(options.home)), options.member);
  const sent = await client.escalate(caseId, {
    ...{ to, to_role: toRole, necessity },
    ...(inReplyTo === undefined ? {} : { in_reply_to: inReplyTo }),
    ...(actor === undefined ? {} : { actor }),
    ...(options.with === undefined ? {} : { change: readJsonObject(resolve(options.with)) }),
  });
  const message = await outcomeOf(client, sent.id, Date.now() + Number(options.wait) * 1000);
  print(options, message, () => [
    `escalated to ${to}: ${message.outcome || 'under way'} ${message.reason}`.trimEnd(),
    `  case ${sent.case_id}, message ${sent.id}`,
  ]);
  if (message.outcome !== 'delivered') throw new AnswerIsNo();
}
