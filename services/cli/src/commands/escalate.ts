import { resolve } from 'node:path';
import type { Command } from 'commander';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { readJsonObject } from '../read-json.js';
import { KEY_OPTION, type KeyOptions, keyOf, namingKey } from './message-key.js';
import { addSender, HOME_OPTION, type HomeOptions, JSON_OPTION, type PersonOptions } from './options.js';
import { sayOnward } from './say-onward.js';

interface EscalateOptions extends HomeOptions, KeyOptions, PersonOptions {
  readonly member: string;
  readonly to: string;
  readonly toRole: string;
  readonly necessity: string;
  readonly message?: string;
  readonly with?: string;
  readonly wait: string;
}

export function addEscalate(program: Command): void {
  addSender(program.command('escalate'))
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
    .option(...KEY_OPTION)
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
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  const body = {
    ...{ to, to_role: toRole, necessity },
    ...(inReplyTo === undefined ? {} : { in_reply_to: inReplyTo }),
    ...(actor === undefined ? {} : { actor }),
    ...(options.with === undefined ? {} : { change: readJsonObject(resolve(options.with)) }),
  };
  const key = keyOf(options, ['escalate', options.member, caseId, body]);
  await sayOnward(
    'escalated',
    to,
    client,
    await client.escalate(caseId, body, key).catch(namingKey),
    options,
  );
}
