import { resolve } from 'node:path';
import { GROUND, RECALL_GROUND, RESULT, REVIEW_FINDING, SEEN, UPDATE, USER_TOLD } from '@entente/contract';
import type { Command } from 'commander';
import { outcomeOf } from '../demo/send-reports.js';
import { EdgeRefusal } from '../network/ask-edge.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { AnswerIsNo } from '../usage.js';
import { checkKey, namingKey, sayRepeat } from './message-key.js';
import { addSender, HOME_OPTION, type HomeOptions, JSON_OPTION, type PersonOptions } from './options.js';
import { sayOptions, type UpdateWords, updateBody } from './update-body.js';

interface UpdateOptions extends HomeOptions, UpdateWords, PersonOptions {
  readonly member: string;
  readonly key?: string;
  readonly wait: string;
}

export function addUpdate(program: Command): void {
  addSender(program.command('update'))
    .description(
      'Say what becomes of a referral, item by item: the recipient accepts, rejects, asks, reviews and tells outcomes; the originator answers, corrects, looks again, extends, recalls and closes.',
    )
    .argument('<case>', 'the id of the case')
    .argument('<update>', UPDATE.join(', '))
    .requiredOption('--member <id>', 'who says it')
    .option('--item <id=word>', 'what became of an item, or what was seen of it; repeat it', collect, [])
    .option('--ground <word>', 'why: of a rejection, of a recall, or of each outcome given')
    .option('--text <words>', 'the reasons, the question, the answer')
    .option('--answers <message>', 'the question that is answered')
    .option(
      '--at <time>',
      'of an item: when it was done or seen, as 2026-01-31T12:00:00Z; now if it is left out',
    )
    .option('--from-country <code>', 'where one looked from, for "check"')
    .option(
      '--user-told <word>',
      `for "outcome": whether the user whose content it is was told: ${USER_TOLD.join(', ')}`,
    )
    .option('--moved-to <host>', 'for "moved": the host or network where it is now')
    .option('--moved-to-country <code>', 'for "moved": the country where it is now')
    .option('--passed-to <name>', 'for "passed-on": whose matter it is now')
    .option(
      '--duplicate-of <number>',
      'for "duplicate": your number of the matter in which it was dealt with',
    )
    .option('--clock <name>', 'for "review" and "extend": which clock of the referral')
    .option('--finding <word>', `for "review": ${REVIEW_FINDING.join(' or ')}`)
    .option('--minutes <number>', 'for "extend": how long the clock runs now, from its start')
    .option('--remove-copy', 'for "recall": the copy of the recipient has to go')
    .option('--message <id>', 'which referral, where the case has several')
    .option(
      '--with <file>',
      'further fields, as JSON (proto/schemas/update.json); what it says of an item is added to --item',
    )
    .option('--key <word>', 'of what is said under one word only the first is taken; without it all is')
    .option('--wait <seconds>', 'how long to wait until it has arrived', '30')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `
Results: ${RESULT.join(', ')}.
Seen: ${SEEN.join(', ')}.
Grounds: ${GROUND.join(', ')}; of a recall: ${RECALL_GROUND.join(', ')}.

Example:
  entente update 8f14e45fceea167a5a36dedd4bea2543 outcome --item i1=removed --member isp.fr --home .entente

Exit code 0: it has arrived, or took back what had not been sent; 1: it cannot be said now, was refused, or has not arrived yet.`,
    )
    .action(update);
}

async function update(caseId: string, word: string, options: UpdateOptions): Promise<void> {
  const body = updateBody(word, options);
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  const key = options.key === undefined ? undefined : checkKey(options.key);
  const { id, is_new } = await client.update(caseId, body, key).catch(namingKey).catch(namingOptions);
  const message = await outcomeOf(client, id, Date.now() + Number(options.wait) * 1000);
  print(options, { ...message, is_new }, () => [
    `${word}: ${message.outcome || 'under way'} ${message.reason}`.trimEnd(),
    `  id ${id}`,
    ...sayRepeat({ id, isNew: is_new }),
  ]);
  if (!['delivered', 'recalled'].includes(message.outcome)) throw new AnswerIsNo();
}

function namingOptions(error: unknown): never {
  if (!(error instanceof EdgeRefusal) || error.code !== 'content-invalid') throw error;
  throw new EdgeRefusal(error.status, error.code, `${error.message}.${sayOptions(error.message)}`, error);
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
