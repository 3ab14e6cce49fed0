import { resolve } from 'node:path';
import type { Command } from 'commander';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { readJsonObject } from '../read-json.js';
import { KEY_OPTION, type KeyOptions, keyOf, namingKey } from './message-key.js';
import { addSender, HOME_OPTION, type HomeOptions, JSON_OPTION, type PersonOptions } from './options.js';
import { sayOnward } from './say-onward.js';

interface ForwardOptions extends HomeOptions, KeyOptions, PersonOptions {
  readonly member: string;
  readonly to: string;
  readonly toRole: string;
  readonly action?: string;
  readonly force?: string;
  readonly necessity?: string;
  readonly with?: string;
  readonly wait: string;
}

export function addForward(program: Command): void {
  addSender(program.command('forward'))
    .description(
      'Send a referral that was received on to another member, as far as its marking and the rules allow; its originator learns to whom.',
    )
    .argument('<case>', 'the id of the case')
    .requiredOption('--member <id>', 'who forwards it')
    .requiredOption('--to <id>', 'to whom')
    .requiredOption('--to-role <role>', 'in which role: hosting, police, hotline …')
    .option('--action <word>', 'what the new recipient is asked to do, if it is something else')
    .option('--force <word>', 'voluntary, notice')
    .option('--necessity <words>', 'why this recipient needs it')
    .option('--with <file>', 'further changes of the content, as JSON')
    .option(...KEY_OPTION)
    .option('--wait <seconds>', 'how long to wait for its outcome', '30')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente forward 8f14e45fceea167a5a36dedd4bea2543 --to isp.fr --to-role hosting --action remove --member hotline.fr --home .entente\n\nExit code 0: delivered; 1: not allowed, returned to sender, or no outcome yet.',
    )
    .action(forward);
}

async function forward(caseId: string, options: ForwardOptions): Promise<void> {
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  const { to, toRole, action, force, necessity } = options;
  const more = options.with === undefined ? {} : readJsonObject(resolve(options.with));
  const change = {
    ...(action === undefined ? {} : { action }),
    ...(force === undefined ? {} : { force }),
    ...(necessity === undefined ? {} : { necessity }),
    ...more,
  };
  const body = { to, to_role: toRole, change };
  const key = keyOf(options, ['forward', options.member, caseId, body]);
  await sayOnward('forwarded', to, client, await client.forward(caseId, body, key).catch(namingKey), options);
}
