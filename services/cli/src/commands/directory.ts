import { resolve } from 'node:path';
import { Rejection, wire } from '@entente/contract';
import { loadAnchors, loadDirectory, readUnverified, signList, signPart } from '@entente/members';
import { loadSigner } from '@entente/seal';
import type { Command } from 'commander';
import { checkAgencyKey, NOT_COMPARED } from '../network/check-agency-key.js';
import { putSigned } from '../network/put-signed.js';
import { counted, jsonLines, print, printLines, table } from '../print.js';
import { readJson } from '../read-json.js';
import { readNamed } from '../read-named.js';
import { timesFromText, timesToText } from '../times.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { DIRECTORY_OPTION, JSON_OPTION } from './options.js';

interface SignOptions {
  readonly key: readonly string[];
  readonly out: string;
  readonly directory?: string;
  readonly json?: boolean;
}

export function addDirectory(program: Command): void {
  const directory = program
    .command('directory')
    .description('Who is who: sign, check and show the directory.');
  const signing = (name: string, what: string, example: string) =>
    directory
      .command(name)
      .description(what)
      .argument('<source>', 'JSON as "entente directory export" prints it')
      .requiredOption('--key <file...>', 'key file of each signer')
      .requiredOption('--out <file>', 'the signed file')
      .option(...JSON_OPTION)
      .addHelpText('after', `\nExample:\n  ${example}`);
  signing(
    'sign-part',
    "Sign a nation's part with its agency's key.",
    'entente directory sign-part de.json --key secrets/agency.de/sign.key --out directory/de.part',
  )
    .option(...DIRECTORY_OPTION)
    .action(runSignPart);
  signing(
    'sign-list',
    'Sign the list of nations with k of the n anchor keys.',
    'entente directory sign-list nations.json --key anchor1.key anchor2.key --out directory/nations.list',
  ).action(runSignList);
  directory
    .command('export')
    .description(
      'Print a signed part or list as JSON that can be changed (raise its version) and signed again. Checks no signature: read it before it is signed.',
    )
    .argument('<file>', 'a .part file or nations.list')
    .addHelpText('after', '\nExample:\n  entente directory export .entente/directory/de.part > de.json')
    .action(exportPart);
  directory
    .command('show')
    .description('Check a directory and show who is in it. Exit code 1 if a part cannot be believed.')
    .argument('<dir>', 'folder of the directory')
    .requiredOption('--anchors <file>', 'the trust anchors')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente directory show .entente/directory --anchors .entente/anchors.json',
    )
    .action(show);
}

async function runSignPart(source: string, { key, out, directory, ...output }: SignOptions): Promise<void> {
  if (key.length !== 1) throw new UsageError("A nation's part is signed by one key: that of its agency.");
  const signer = await loadSigner(resolve(key[0] ?? ''));
  const part = readSource(source) as wire.NationPartFrame;
  const signed = await signPart(part, signer);
  const { nation: of } = wire.nationPart.decode(readUnverified(signed));
  const about = { nation: of, kid: signer.kid, out: resolve(out), directory };
  const comparedWith = checkAgencyKey(about, Date.now());
  const { nation, version } = putSigned(resolve(out), signed, wire.nationPart.decode);
  print(output, { nation, version, file: resolve(out), comparedWith }, () => [
    `${nation}, version ${version}, signed`,
    ...(comparedWith === 'nothing' ? [NOT_COMPARED] : []),
  ]);
}

async function runSignList(source: string, { key, out, ...output }: SignOptions): Promise<void> {
  const signers = await Promise.all(key.map((file) => loadSigner(resolve(file))));
  const signed = await signList(readSource(source) as wire.NationListFrame, signers);
  const { version } = putSigned(resolve(out), signed, wire.nationList.decode);
  print(output, { version, file: resolve(out) }, () => [`list of nations, version ${version}, signed`]);
}

function readSource(source: string): unknown {
  const value = readJson(resolve(source));
  try {
    return timesFromText(value);
  } catch (error) {
    throw new UsageError(`${source} cannot be read: ${(error as Error).message}`);
  }
}

function exportPart(file: string): void {
  printLines(jsonLines(timesToText(frameIn(file))));
}

function frameIn(file: string): wire.NationPartFrame | wire.NationListFrame {
  const signed = readNamed(resolve(file));
  const [what, frame] = file.endsWith('.part')
    ? (['part', wire.nationPart] as const)
    : (['list of nations', wire.nationList] as const);
  try {
    return frame.decode(readUnverified(signed));
  } catch (cause) {
    if (!(cause instanceof Rejection)) throw cause;
    throw new UsageError(`${file} is no signed ${what}, or not a whole one.`, { cause });
  }
}

async function show(
  dir: string,
  options: { readonly anchors: string; readonly json?: boolean },
): Promise<void> {
  const { directory, faults } = await loadDirectory(
    resolve(dir),
    await loadAnchors(resolve(options.anchors)),
    { nowMs: Date.now() },
  );
  const nations = [...directory.nations.values()].map(({ part }) => part);
  const rows = nations.flatMap(({ members, validUntilMs, version, nation }) =>
    members.map(({ id, types, roles, suspendedAtMs, keys }) => [
      id,
      types.join('+'),
      roles.join(', '),
      counted(keys.filter(({ revokedAtMs }) => revokedAtMs === 0).length, 'key'),
      suspendedAtMs === 0 ? 'active' : 'suspended',
      `${nation} version ${version}, until ${new Date(validUntilMs).toISOString().slice(0, 10)}`,
    ]),
  );
  const value = {
    sha256: Buffer.from(directory.sha256).toString('hex'),
    nations: timesToText(nations),
    faults: faults.map(({ message }) => message),
  };
  print(options, value, () => [...table(rows), ...faults.map(({ message }) => `FAULT ${message}`)]);
  if (faults.length > 0) throw new AnswerIsNo();
}
