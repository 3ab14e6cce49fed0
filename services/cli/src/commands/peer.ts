import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { wire } from '@entente/contract';
import { partFile, readUnverified } from '@entente/members';
import { type Command, InvalidArgumentError } from 'commander';
import { changePart } from '../network/change-part.js';
import { type Confirmation, confirmPeer } from '../network/confirm-peer.js';
import { paths, readHome } from '../network/home.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

type Choice = HomeOptions & { readonly nation: string; readonly part?: string; readonly key?: string };
type Change = Choice & { readonly gate: readonly string[]; readonly wait: number };

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
  const changing = (name: string, what: string) =>
    sub(name, what)
      .option(
        '--gate <address...>',
        "operation ports of this nation's gates, to ask whether it is in effect",
        [],
      )
      .option('--wait <seconds>', 'how long to wait until it is in effect', seconds, 15);
  changing('suspend', 'Exchange nothing with a nation from now on; services take it within seconds.')
    .argument('<peer>', 'the other nation, two capitals')
    .addHelpText(
      'after',
      `\nExample:\n  entente peer suspend FR --nation DE --home .entente\n\n${AFTER}\n\n${EXIT}`,
    )
    .action((other: string, options: Change) => change(other, options, false));
  changing('resume', 'Exchange with a nation again.')
    .argument('<peer>', 'the other nation, two capitals')
    .addHelpText('after', `\nExample:\n  entente peer resume FR --nation DE --home .entente\n\n${EXIT}`)
    .action((other: string, options: Change) => change(other, options, true));
  sub('list', 'The nations that this one exchanges with, as its part says. Checks no signature.')
    .addHelpText('after', '\nExample:\n  entente peer list --nation DE --home .entente')
    .action(list);
}

const AFTER =
  'What is under way is returned to its sender with the code "no-counterpart"; nothing is lost. The part is written once: lay it on every machine that has a copy.';
const EXIT =
  'Exit code 0: written, and in effect at each gate that was asked; 1: written, and a gate does not answer or goes on as before. Without --home and --gate none is asked, and it says how to ask.';

function seconds(text: string): number {
  if (!/^[0-9]{1,4}$/.test(text)) throw new InvalidArgumentError('A number of seconds is needed.');
  return Number(text);
}

async function change(peer: string, options: Change, isWanted: boolean): Promise<void> {
  if (!/^[A-Z]{2}$/.test(peer)) throw new UsageError(`"${peer}" is no nation: write two capitals, like FR.`);
  const { part, key } = filesOf(options);
  const gates = gatesOf(options);
  const files = { nation: options.nation, file: part, keyFile: key };
  const { counterparts, version, nation } = await changePart(files, Date.now(), (known) => {
    if (known.nation === peer) throw new UsageError(`${peer} is this nation itself.`);
    if (known.counterparts.includes(peer) === isWanted)
      throw new UsageError(
        `${known.nation} ${isWanted ? 'exchanges' : 'does not exchange'} with ${peer} already.`,
      );
    const others = known.counterparts.filter((code) => code !== peer);
    return { counterparts: isWanted ? [...others, peer].sort() : others };
  });
  const asked = await confirmPeer(gates, peer, isWanted, options.wait * 1000);
  print(options, { nation, version, counterparts, gates: asked }, () => [
    `${nation}, version ${version}: exchanges with ${counterparts.join(', ') || 'nobody'}.`,
    `Written to ${part}.`,
    ...confirmationWords(asked),
  ]);
  if (asked.some(({ state }) => state !== 'in-effect')) throw new AnswerIsNo();
}

/** INVARIANT: that something was written is not said as if it had happened. */
function confirmationWords(asked: readonly Confirmation[]): string[] {
  const lines = asked.map(({ gate, state }) => `${STATES[state]} at the gate ${gate}`);
  if (asked.every(({ state }) => state === 'in-effect') && asked.length > 0) return lines;
  return [
    ...lines,
    'NOT CONFIRMED. Services refuse a part that is older than one they have seen.',
    HOW_TO_ASK,
  ];
}

const STATES = {
  'in-effect': 'In effect',
  'not-in-effect': 'NOT in effect',
  unreachable: 'No answer',
};
const HOW_TO_ASK =
  "To confirm it, lay the part on each machine and name the gates' operation ports with --gate; or look there at /counterparts.";

/** All gates of the nation in a network on this machine. */
function gatesOf({ gate, home, nation, part }: Change): readonly string[] {
  if (gate.length > 0) return gate.map(addressOf);
  if (part !== undefined) return [];
  const name = new RegExp(`^gate\\.${nation.toLowerCase()}(?:\\.\\d+)?$`);
  return Object.entries(readHome(resolve(home)).operationPorts ?? {})
    .filter(([service]) => name.test(service))
    .map(([, port]) => `http://127.0.0.1:${port}`);
}

function addressOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`"${text}" is no address of a gate: write http://127.0.0.1:9100.`);
  return text;
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
