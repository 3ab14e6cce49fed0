import type { Command } from 'commander';
import { chooseLogs, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import type { OnProgress } from '../history/read-log.js';
import { type Chapter, endingOf, readStory, type Story } from '../history/story.js';
import { STORY_WORDS, type StoryWords } from '../history/story-words.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { JSON_OPTION } from './options.js';

interface ExplainCommand extends LogChoice {
  readonly lang: string;
  readonly json?: boolean;
}

const MINUTE_MS = 60_000;

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description(
      'The whole story of one message from the logs: which gate decided what, by which rule, and who said what of it.',
    )
    .argument('<id>', 'the id of the message');
  for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
  command
    .option('--lang <language>', `language: ${Object.keys(STORY_WORDS).join(', ')}`, 'en')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente explain 85f4d49bc85681c8c1a369ae319ad7e5 --home .entente --lang de\n\nExit code 1: no log that was read holds it, or a log has faults.',
    )
    .action(run);
}

async function run(id: string, options: ExplainCommand): Promise<void> {
  const words = STORY_WORDS[options.lang];
  if (!words)
    throw new UsageError(
      `"${options.lang}" is no language that is spoken here: ${Object.keys(STORY_WORDS).join(', ')}.`,
    );
  if (!/^[0-9a-f]{32}$/.test(id)) throw new UsageError(`"${id}" is no id of a message: 32 hex digits.`);
  const shown = new Map<string, OnProgress>();
  const story = await readStory(chooseLogs(options), id, options.lang, (nation, done, size) => {
    const show = shown.get(nation) ?? showProgress(nation);
    shown.set(nation, show);
    show(done, size);
  });
  print(options, { ...story, ending: endingOf(story) }, () => tell(story, words));
  if (!story.message || story.faults.length > 0) throw new AnswerIsNo();
}

function tell(story: Story, words: StoryWords): string[] {
  const { id, message, chapters, erased, faults } = story;
  const found = message
    ? [
        `${words.message(`${message.from} (${message.fromRole})`, `${message.to} (${message.toRole})`)}  ${id}`,
        `  ${[message.facts?.category, message.facts?.update || `${words.asks} ${message.facts?.action}`, message.facts?.force, `${words.issued} ${iso(message.issuedAtMs)}`, `${words.case} ${message.caseId}`].join(', ')}`,
      ]
    : [words.notLogged];
  return [
    ...found,
    ...chapters.flatMap((chapter) => ['', ...tellChapter(chapter, words)]),
    '',
    ...(message ? [words.endings[endingOf(story)] ?? ''] : []),
    ...(erased > 0 ? [words.erased(erased)] : []),
    ...faults.map(({ nation, code, detail }) => `FAULT ${nation} ${code}: ${detail}`),
    words.unverified,
  ];
}

function tellChapter(chapter: Chapter, words: StoryWords): string[] {
  const { timeMs, nation, stage, index, verdict, said, by, byRole, code, event } = chapter;
  const where = `${iso(timeMs)}  ${nation}, ${words.stages[stage] ?? stage} (#${index})`;
  if (said !== '') {
    const reason = code === '' ? '' : ` (${words.reason}: ${code})`;
    return [where, `  ${words.says(`${by} (${byRole})`, words.statements[said] ?? said)}${reason}`];
  }
  const decision = event === 'rejection' ? `${words.rejection}: ${code}` : decisionWords(chapter, words);
  const ended = chapter.step === 'first' ? '' : `${words.afterHold}: `;
  const reason = verdict?.rules.length === 0 && !chapter.nearest ? [verdict.reason] : [];
  return [
    where,
    ...[`${ended}${decision}`, ...ruleWords(chapter, words), ...reason]
      .filter(Boolean)
      .map((line) => `  ${line}`),
  ];
}

function decisionWords({ verdict, timeMs }: Chapter, words: StoryWords): string {
  if (verdict?.decision !== 'hold') return verdict?.decision === 'permit' ? words.permit : words.refuse;
  return words.hold(verdict.awaits.join(', '), iso(timeMs + verdict.holdMinutes * MINUTE_MS));
}

function ruleWords({ verdict, words: says, nearest, pack }: Chapter, words: StoryWords): string[] {
  const { rules = [], remedies = [], obligations = [] } = verdict ?? {};
  return [
    ...rules.map(({ id, basis }) => `${id}: ${says[id]} [${basis}]`),
    ...(nearest
      ? [words.noRule(nearest.rule, nearest.says), words.lacks, ...nearest.lacks.map((lack) => `  ${lack}`)]
      : []),
    ...(remedies.length > 0 ? [`${words.remedies}: ${remedies.join(', ')}`] : []),
    ...(obligations.length > 0 ? [`${words.duties}: ${obligations.join(', ')}`] : []),
    ...(rules.length > 0 ? [`${words.byPack} ${pack.slice(0, 16)}…`] : []),
  ];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
