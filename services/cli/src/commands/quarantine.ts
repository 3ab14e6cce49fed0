import { openQuarantine, type Quarantine } from '@entente/runtime';
import type { Command } from 'commander';
import { print } from '../print.js';
import { AnswerIsNo } from '../usage.js';
import { HOME_OPTION, JSON_OPTION } from './options.js';
import { addQuarantineDrop } from './quarantine-drop.js';
import { addFolder, folderOf, type QuarantineChoice } from './quarantine-folder.js';

export function addQuarantine(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('What a gate or an edge on this machine cannot handle, and has kept for its operator.');
  const list = quarantine
    .command('list')
    .description('List it: what, from whom, since when, and which fault.');
  const retry = quarantine
    .command('retry')
    .description('Have the service handle a message again, once what it failed on is mended.');
  addQuarantineDrop(quarantine);
  for (const command of [list, retry]) {
    if (command === retry) command.argument('<id>', 'from "entente quarantine list"');
    addFolder(command)
      .option(...HOME_OPTION)
      .option(...JSON_OPTION);
  }
  list
    .addHelpText('after', '\nExample:\n  entente quarantine list --folder /var/lib/entente/gate/quarantine')
    .action(runList);
  retry
    .addHelpText(
      'after',
      '\nExample:\n  entente quarantine retry 8f14e45fceea167a5a36dedd4bea2543 --nation DE --home .entente\n\nThe service does it within seconds. What it has on record about the message stays: a refusal is not taken back.',
    )
    .action(runRetry);
}

function runList(options: QuarantineChoice): void {
  const messages = open(options).list();
  print(options, { messages }, () =>
    messages.length === 0
      ? ['Nothing is in quarantine.']
      : messages.flatMap(({ id, source, subject, at, fault, bytes, isAsked }) => [
          `${id}  from ${source} on ${subject}, ${bytes} bytes, since ${at}${isAsked ? ', to be handled again' : ''}`,
          `  ${fault}`,
        ]),
  );
}

function runRetry(id: string, options: QuarantineChoice): void {
  const isThere = open(options).ask(id);
  print(options, { id, asked: isThere }, () => [
    isThere ? `The service handles ${id} again within seconds.` : `There is no ${id} in quarantine.`,
  ]);
  if (!isThere) throw new AnswerIsNo();
}

function open(choice: QuarantineChoice): Quarantine {
  return openQuarantine(folderOf(choice));
}
