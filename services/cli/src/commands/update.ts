import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { GROUND, RECALL_GROUND, RESULT, REVIEW_FINDING, SEEN, UPDATE } from '@entente/contract';
import type { Command } from 'commander';
import { outcomeOf } from '../demo/send-reports.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { ACTOR_WORDS, HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

interface UpdateOptions extends HomeOptions {
  readonly member: string;
  readonly item: readonly string[];
  readonly ground?: string;
  readonly text?: string;
  readonly answers?: string;
  readonly fromCountry?: string;
  readonly clock?: string;
  readonly finding?: string;
  readonly minutes?: string;
  readonly removeCopy?: boolean;
  readonly message?: string;
  readonly with?: string;
  readonly actor?: string;
  readonly wait: string;
}

export function addUpdate(program: Command): void {
  program
    .command('update')
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
    .option('--from-country <code>', 'where one looked from, for "check"')
    .option('--clock <name>', 'for "review" and "extend": which clock of the referral')
    .option('--finding <word>', `for "review": ${REVIEW_FINDING.join(' or ')}`)
    .option('--minutes <number>', 'for "extend": how long the clock runs now, from its start')
    .option('--remove-copy', 'for "recall": the copy of the recipient has to go')
    .option('--message <id>', 'which referral, where the case has several')
    .option('--with <file>', 'further fields, as JSON: proto/schemas/update.json')
    .option('--actor <name>', ACTOR_WORDS)
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

Exit code 0: it has arrived; 1: it cannot be said now, was refused, or has not arrived yet.`,
    )
    .action(update);
}

async function update(caseId: string, word: string, options: UpdateOptions): Promise<void> {
  const client = edgeClient(readHome(resolve(options.home)), options.member);
  const { id } = await client.update(caseId, bodyOf(word, options));
  const message = await outcomeOf(client, id, Date.now() + Number(options.wait) * 1000);
  print(options, message, () => [
    `${word}: ${message.outcome || 'under way'} ${message.reason}`.trimEnd(),
    `  id ${id}`,
  ]);
  if (message.outcome !== 'delivered') throw new AnswerIsNo();
}

function bodyOf(word: string, options: UpdateOptions): object {
  const { item, ground, text, answers, message, actor, removeCopy, clock, finding, minutes } = options;
  const more =
    options.with === undefined ? {} : (JSON.parse(readFileSync(resolve(options.with), 'utf8')) as object);
  const items = item.map((one) => itemOf(word, one, options));
  const groundName = word === 'recall' ? 'recall_ground' : 'ground';
  return {
    update: word,
    ...(items.length === 0 ? {} : { items }),
    ...(ground === undefined || items.length > 0 ? {} : { [groundName]: ground }),
    ...(text === undefined ? {} : { text }),
    ...(answers === undefined ? {} : { answers }),
    ...(clock === undefined ? {} : { clock }),
    ...(finding === undefined ? {} : { finding }),
    ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
    ...(removeCopy ? { remove_copy: true } : {}),
    ...(message === undefined ? {} : { in_reply_to: message }),
    ...(actor === undefined ? {} : { actor }),
    ...more,
  };
}

function itemOf(word: string, text: string, { ground, fromCountry }: UpdateOptions): object {
  const [id = '', said = ''] = text.split('=');
  if (id === '' || said === '')
    throw new UsageError(`--item takes an item and a word, as in i1=removed, not "${text}".`);
  const at = new Date().toISOString();
  if (word === 'check') return { id, check: { seen: said, at, from_country: fromCountry ?? '' } };
  return { id, outcome: { result: said, at, ...(ground === undefined ? {} : { ground }) } };
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
