import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { wire } from '@entente/contract';
import { partFile, readUnverified } from '@entente/members';
import type { Command } from 'commander';
import { changePart } from '../network/change-part.js';
import { paths } from '../network/home.js';
import { print } from '../print.js';
import { UsageError } from '../usage.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

type Choice = HomeOptions & { readonly nation: string; readonly part?: string; readonly key?: string };

export function addPeer(program: Command): void {
  const peer = program
    .command('peer')
    .description('With which nations this one exchanges: stop one at once, and let it go on.');
  const sub = (name: string, what: string) =>
    peer
      .command(name)
      .description(what)
      .requiredOption('--nation <code>', 'whose decision this is, for example DE')
      .option(...HOME_OPTION)
      .option('--part <file>', "instead of --home: this nation's signed part of the directory")
      .option('--key <file>', "instead of --home: its agency's key")
      .option(...JSON_OPTION);
  sub('suspend', 'Exchange nothing with a nation from now on; services take it within seconds.')
    .argument('<peer>', 'the other nation, two capitals')
    .addHelpText('after', `\nExample:\n  entente peer suspend FR --nation DE --home .entente\n\n${AFTER}`)
    .action((other: string, options: Choice) => change(other, options, false));
  sub('resume', 'Exchange with a nation again.')
    .argument('<peer>', 'the other nation, two capitals')
    .addHelpText('after', '\nExample:\n  entente peer resume FR --nation DE --home .entente')
    .action((other: string, options: Choice) => change(other, options, true));
  sub('list', 'The nations that this one exchanges with.')
    .addHelpText('after', '\nExample:\n  entente peer list --nation DE --home .entente')
    .action(list);
}

const AFTER =
  'What is under way is returned to its sender with the code "no-counterpart"; nothing is lost. The part is written once: lay it on every machine that has a copy.';

async function change(peer: string, options: Choice, isWanted: boolean): Promise<void> {
  if (!/^[A-Z]{2}$/.test(peer)) throw new UsageError(`"${peer}" is no nation: write two capitals, like FR.`);
  const { part, key } = filesOf(options);
  const { counterparts, version, nation } = await changePart(part, key, Date.now(), (known) => {
    if (known.nation === peer) throw new UsageError(`${peer} is this nation itself.`);
    if (known.counterparts.includes(peer) === isWanted)
      throw new UsageError(
        `${known.nation} ${isWanted ? 'exchanges' : 'does not exchange'} with ${peer} already.`,
      );
    const others = known.counterparts.filter((code) => code !== peer);
    return { counterparts: isWanted ? [...others, peer].sort() : others };
  });
  print(options, { nation, version, counterparts }, () => [
    `${nation}, version ${version}: exchanges with ${counterparts.join(', ') || 'nobody'}.`,
    `Written to ${part}.`,
  ]);
}

function list(options: Choice): void {
  const { part } = filesOf(options);
  const { nation, version, counterparts } = wire.nationPart.decode(readUnverified(readFileSync(part)));
  print(options, { nation, version, counterparts }, () => counterparts);
}

function filesOf({ nation, home, part, key }: Choice): { readonly part: string; readonly key: string } {
  if (!/^[A-Z]{2}$/.test(nation))
    throw new UsageError(`"${nation}" is no nation: write two capitals, like DE.`);
  const dir = resolve(home);
  return {
    part: resolve(part ?? join(paths.directory(dir), partFile(nation))),
    key: resolve(key ?? paths.secret(dir, `agency.${nation.toLowerCase()}`, 'sign.key')),
  };
}
