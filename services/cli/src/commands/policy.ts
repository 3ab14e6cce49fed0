import { resolve } from 'node:path';
import { agencyKeysOf, loadAnchors, loadDirectory, openPack } from '@entente/members';
import { openBundle, packsDir } from '@entente/policy';
import { loadSigner } from '@entente/seal';
import type { Command } from 'commander';
import { packIn } from '../history/find-pack.js';
import { buildPack, checkPlace } from '../network/build-pack.js';
import { checkAgencyKey, NOT_COMPARED } from '../network/check-agency-key.js';
import { print } from '../print.js';
import { UsageError } from '../usage.js';
import { DIRECTORY_OPTION, JSON_OPTION } from './options.js';
import { addPolicyReplay } from './policy-replay.js';
import { addPolicyWhatIf } from './policy-what-if.js';

export function addPolicy(program: Command): void {
  const policy = program.command('policy').description("A nation's rules: build, sign and check them.");
  policy
    .command('build')
    .description("Check a nation's rules, tables and texts, and sign them as one pack with its agency's key.")
    .requiredOption('--nation <code>', 'the nation, for example DE')
    .requiredOption('--key <file>', "the agency's key file")
    .requiredOption('--out <file>', 'the signed pack; gates take it from there within seconds')
    .option('--packs <dir>', 'folder of the rules', packsDir)
    .option('--proposed-by <unit>', 'who wants these rules: a unit or a file number; it stands in the log')
    .option('--approved-by <units...>', 'who agreed to them')
    .option(...DIRECTORY_OPTION)
    .option('--pack-version <number>', 'default: one more than the file at --out has')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente policy build --nation DE --key .entente/secrets/agency.de/sign.key --out .entente/packs/de.pack',
    )
    .action(build);
  policy
    .command('check')
    .description('Say what a signed pack holds, and whether its nation signed it.')
    .argument('<file>', 'a .pack file')
    .requiredOption('--directory <dir>', 'folder of the directory')
    .requiredOption('--anchors <file>', 'the trust anchors')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente policy check .entente/packs/de.pack --directory .entente/directory --anchors .entente/anchors.json',
    )
    .action(check);
  addPolicyReplay(policy);
  addPolicyWhatIf(policy);
}

interface BuildCommand {
  readonly nation: string;
  readonly key: string;
  readonly out: string;
  readonly packs: string;
  readonly packVersion?: string;
  readonly directory?: string;
  readonly proposedBy?: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
}

async function build(options: BuildCommand): Promise<void> {
  const nation = options.nation.toUpperCase();
  if (!/^[A-Z]{2}$/.test(nation))
    throw new UsageError(`"${options.nation}" is no nation: write two letters like DE.`);
  const version = options.packVersion;
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))
    throw new UsageError(`"${version}" is no version of a pack: write a number, 1 or more.`);
  const signer = await loadSigner(resolve(options.key));
  const out = resolve(options.out);
  const signs = { nation, kid: signer.kid, out, directory: options.directory };
  const comparedWith = checkAgencyKey(signs, Date.now());
  const asked = version === undefined ? {} : { version: Number(version) };
  checkPlace(out, nation, asked.version);
  const built = await buildPack({
    ...{ nation, signer, out },
    packs: resolve(options.packs),
    signoff: { proposedBy: options.proposedBy ?? '', approvedBy: options.approvedBy ?? [] },
    ...asked,
  });
  const { pack } = built;
  const about = { nation, version: built.version, sha256: pack.sha256, out: options.out, comparedWith };
  print(options, about, () => [
    `${options.out}: pack of ${nation}, version ${built.version}, ${pack.rules.size} rules`,
    `  ${pack.sha256}`,
    ...(comparedWith === 'nothing' ? [NOT_COMPARED] : []),
  ]);
}

async function check(
  file: string,
  options: { readonly directory: string; readonly anchors: string; readonly json?: boolean },
): Promise<void> {
  const nowMs = Date.now();
  const { signed, nation } = packIn(resolve(file));
  const anchors = await loadAnchors(resolve(options.anchors));
  const { directory } = await loadDirectory(resolve(options.directory), anchors, { nowMs });
  const { bundle } = await openPack(signed, nation, await agencyKeysOf(directory, nation, nowMs));
  const { pack, version } = openBundle(bundle, nation);
  const { engine, sha256, rules } = pack;
  print(options, { nation, version, sha256, engine, rules: [...rules.keys()] }, () => [
    `${file}: pack of ${nation}, version ${version}, signed by its agency`,
    `  ${sha256}`,
    `  Cedar ${engine}`,
    ...[...rules.values()].map(({ id, basis, says }) => `  ${id}: ${says} [${basis}]`),
  ]);
}
