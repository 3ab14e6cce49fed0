import { resolve } from 'node:path';
import {
  checkContent,
  checkFacts,
  computeFacts,
  type Facts,
  isMemberId,
  MEMBER_TYPE,
  type MemberType,
  nationOf,
  Rejection,
  ROLE,
  type Role,
  type Stage,
} from '@entente/contract';
import {
  type Crossing,
  decide,
  findClocks,
  loadPack,
  type Pack,
  type Party,
  packsDir,
} from '@entente/policy';
import type { Command } from 'commander';
import { wordsOf } from '../history/story-words.js';
import { tellVerdict } from '../history/tell-verdict.js';
import { print } from '../print.js';
import { readJsonObject } from '../read-json.js';
import { dayMs } from '../times.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { JSON_OPTION, LANGUAGE_OPTION } from './options.js';

interface DecideOptions {
  readonly from: string;
  readonly to: string;
  readonly nation?: string;
  readonly packs: string;
  readonly day?: string;
  readonly lang: string;
  readonly json?: boolean;
}

export function addDecide(program: Command): void {
  program
    .command('decide')
    .description(
      'Ask the rules, without sending anything: facts or a report in, the verdict of each nation on the way out.',
    )
    .argument('<file>', 'facts (schemas/facts.json), or a report like those in examples/')
    .requiredOption('--from <member:type:role>', 'the sender, for example hotline.de:hotline:hotline')
    .requiredOption('--to <member:type:role>', 'the recipient, for example isp.fr:isp:hosting')
    .option('--nation <code>', 'ask this nation only')
    .option('--packs <dir>', 'folder of the policy packs', packsDir)
    .option('--day <date>', 'the day of the decision (default: today)')
    .option(...LANGUAGE_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente decide examples/14-phishing-page-on-a-bakery-site.json --from hotline.de:hotline:hotline --to isp.fr:isp:hosting\n\nExit code 0: all permit; 1: one refuses or holds.',
    )
    .action(run);
}

function run(file: string, options: DecideOptions): void {
  const facts = readFacts(resolve(file));
  const [from, to] = [parseParty(options.from), parseParty(options.to)];
  const day = new Date(options.day === undefined ? Date.now() : dayMs(options.day))
    .toISOString()
    .slice(0, 10);
  const ways = wayOf(from.nation, to.nation).filter(
    ({ nation }) => options.nation === undefined || nation === options.nation.toUpperCase(),
  );
  if (ways.length === 0)
    throw new UsageError(`${options.nation} is not on the way from ${from.id} to ${to.id}.`);
  const words = wordsOf(options.lang);
  const asked = ways.map(({ nation, stage }) => {
    const pack = loadPack(resolve(options.packs), nation);
    const crossing = { nation, stage, from, to, facts, day };
    const whole = { ...crossing, facts: withClocks(pack, crossing) };
    return { pack, crossing: whole, verdict: decide(pack, whole) };
  });
  const verdicts = asked.map(({ crossing: { nation, stage }, verdict }) => ({ nation, stage, ...verdict }));
  print(options, { verdicts }, () =>
    asked.flatMap((one) => tellVerdict(one, one.verdict, words, options.lang)),
  );
  if (verdicts.some(({ decision }) => decision !== 'permit')) throw new AnswerIsNo();
}

/** With the deadlines that the table sets, as the sender's edge writes them in before it sends. */
function withClocks({ tables }: Pack, crossing: Crossing): Facts {
  const clocks = findClocks(tables, crossing).map(({ clock, minutes }) => ({ clock, minutes }));
  return { ...crossing.facts, clocks };
}

function readFacts(file: string) {
  const value = readJsonObject(file) as {
    submission?: { content?: unknown };
    dataClasses?: unknown;
  };
  const content = value.submission?.content;
  try {
    return content === undefined ? checkFacts(value) : computeFacts(checkContent(content));
  } catch (cause) {
    if (!(cause instanceof Rejection)) throw cause;
    throw new UsageError(
      `${file} holds neither facts nor a report like those in examples/: ${cause.message}`,
      { cause },
    );
  }
}

function parseParty(text: string): Party {
  const [id = '', type, role] = text.split(':');
  if (!isMemberId(id) || !type || !role)
    throw new UsageError(`"${text}" is not member:type:role, for example hotline.de:hotline:hotline.`);
  if (!isOneOf<MemberType>(MEMBER_TYPE, type))
    throw new UsageError(`"${type}" in "${text}" is no type of member: ${MEMBER_TYPE.join(', ')}.`);
  if (!isOneOf<Role>(ROLE, role))
    throw new UsageError(`"${role}" in "${text}" is no role: ${ROLE.join(', ')}.`);
  return { id, nation: nationOf(id), types: [type], role };
}

function isOneOf<Word extends string>(words: readonly Word[], text: string): text is Word {
  return (words as readonly string[]).includes(text);
}

function wayOf(from: string, to: string): { nation: string; stage: Stage }[] {
  if (from === to) return [{ nation: from, stage: 'inside' }];
  return [
    { nation: from, stage: 'leave' },
    { nation: to, stage: 'enter' },
  ];
}
