import { resolve } from 'node:path';
import type { Command } from 'commander';
import { outcomeOf } from '../demo/send-reports.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { readJsonObject } from '../read-json.js';
import { AnswerIsNo } from '../usage.js';
import { KEY_OPTION, type KeyOptions, keyOf, namingKey, sayRepeat } from './message-key.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

interface ForwardOptions extends HomeOptions, KeyOptions {
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
  program
    .command('forward')
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
  const client = edgeClient(readHome(resolve(options.home)), options.member);
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
  const sent = await client.forward(caseId, body, key).catch(namingKey);
  const message = await outcomeOf(client, sent.id, Date.now() + Number(options.wait) * 1000);
  print(options, { ...message, is_new: sent.is_new }, () => [
    `forwarded to ${to}: ${message.outcome || 'under way'} ${message.reason}`.trimEnd(),
    `  case ${sent.case_id}, message ${sent.id}`,
    ...sayRepeat({ id: sent.id, isNew: sent.is_new }),
  ]);
  if (message.outcome !== 'delivered') throw new AnswerIsNo();
}
