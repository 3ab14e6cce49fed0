import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openQuarantine, type Quarantine } from '@entente/runtime';
import type { Command } from 'commander';
import { findMember, paths, readHome } from '../network/home.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

interface Choice extends HomeOptions {
  readonly folder?: string;
  readonly nation?: string;
  readonly member?: string;
}

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
  const drop = quarantine.command('drop').description('Delete a message for good.');
  for (const command of [list, retry, drop]) {
    if (command !== list) command.argument('<id>', 'from "entente quarantine list"');
    command
      .option(
        '--folder <dir>',
        "the service's own: QUARANTINE_DIR of a gate, quarantine in an edge's DATA_DIR",
      )
      .option('--nation <code>', 'of a network of "entente up": that of the gate')
      .option('--member <id>', 'of a network of "entente up": that of the edge')
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
  drop
    .addHelpText(
      'after',
      '\nExample:\n  entente quarantine drop 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --home .entente',
    )
    .action(runDrop);
}

function runList(options: Choice): void {
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

function runRetry(id: string, options: Choice): void {
  const isThere = open(options).ask(id);
  print(options, { id, asked: isThere }, () => [
    isThere ? `The service handles ${id} again within seconds.` : `There is no ${id} in quarantine.`,
  ]);
  if (!isThere) throw new AnswerIsNo();
}

function runDrop(id: string, options: Choice): void {
  const isThere = open(options).drop(id);
  print(options, { id, dropped: isThere }, () => [
    isThere ? `${id} is deleted.` : `There is no ${id} in quarantine.`,
  ]);
  if (!isThere) throw new AnswerIsNo();
}

function open({ folder, nation, member, home }: Choice): Quarantine {
  if ([folder, nation, member].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('Name one of --folder, --nation and --member.');
  if (folder !== undefined) {
    if (!existsSync(folder))
      throw new UsageError(`There is no folder ${folder}; the first message makes it.`);
    return openQuarantine(resolve(folder));
  }
  const known = readHome(resolve(home));
  if (member !== undefined)
    return openQuarantine(paths.edgeQuarantine(known.dir, findMember(known, member).id));
  const found = known.nations.find(({ code }) => code === nation);
  if (!found) throw new UsageError(`There is no nation ${nation} in this network.`);
  return openQuarantine(paths.quarantine(known.dir, found.code));
}
