import type { Command } from 'commander';
import { chooseLogs, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import type { OnProgress } from '../history/read-log.js';
import { endingOf, readStory } from '../history/story.js';
import { wordsOf } from '../history/story-words.js';
import { tellStory } from '../history/tell-story.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { JSON_OPTION, LANGUAGE_OPTION } from './options.js';

interface ExplainCommand extends LogChoice {
  readonly lang: string;
  readonly json?: boolean;
}

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description(
      'The whole story of one message from the logs: which gate decided what, by which rule, and who said what of it.',
    )
    .argument('<id>', 'the id of the message');
  for (const [flags, words] of LOG_OPTIONS) command.option(flags, words);
  command
    .option(...LANGUAGE_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente explain 85f4d49bc85681c8c1a369ae319ad7e5 --home .entente --lang de\n\nExit code 1: no log that was read holds it, or a log has faults.',
    )
    .action(run);
}

async function run(id: string, options: ExplainCommand): Promise<void> {
  wordsOf(options.lang);
  if (!/^[0-9a-f]{32}$/.test(id)) throw new UsageError(`"${id}" is no id of a message: 32 hex digits.`);
  const shown = new Map<string, OnProgress>();
  const story = await readStory(chooseLogs(options), id, options.lang, (nation, done, size) => {
    const show = shown.get(nation) ?? showProgress(nation);
    shown.set(nation, show);
    show(done, size);
  });
  print(options, { ...story, ending: endingOf(story) }, () => tellStory(story, options.lang));
  if (!story.message || story.faults.length > 0) throw new AnswerIsNo();
}
